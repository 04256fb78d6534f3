/// What the operator wants of copied things beyond their contents.
public struct CopyOptions: Sendable, Equatable {
    /// Permission bits of files; their own when there are none.
    public var mode: UInt16?
    /// `user`, `user:group` or `:group`.
    public var owner: String?

    /// Everything as it is here, but for what is given.
    public init(mode: UInt16? = nil, owner: String? = nil) { (self.mode, self.owner) = (mode, owner) }
}
