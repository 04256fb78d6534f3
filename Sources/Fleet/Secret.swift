/// A value that cannot be printed, dumped or encoded by accident.
public struct Secret<Wrapped: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: Wrapped

    /// Hides `value`.
    public init(_ value: Wrapped) { self.value = value }

    /// The hidden value; call this only where it goes onto the wire.
    public func reveal() -> Wrapped { value }

    /// Always `[secret]`.
    public var description: String { "[secret]" }

    /// Always `[secret]`.
    public var debugDescription: String { "[secret]" }

    /// Shows nothing, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret: Equatable where Wrapped: Equatable {}
extension Secret: Hashable where Wrapped: Hashable {}
