public import Fleet

/// How far a file is on its way to a host.
public struct UploadProgress: Sendable, Hashable {
    /// The host.
    public var host: HostName
    /// The file's place there.
    public var path: String
    /// How much of it has left; what an earlier connection brought counts.
    public var sent: Int
    /// The file's size.
    public var size: Int
    /// Whether nothing more will come of it.
    public var isOver = false

    /// A file of `size` bytes of which `sent` have left.
    public init(host: HostName, path: String, sent: Int, size: Int, isOver: Bool = false) {
        (self.host, self.path, self.sent, self.size, self.isOver) = (host, path, sent, size, isOver)
    }
}
