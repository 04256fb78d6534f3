/// Why a test can't go on.
public struct TestFailure: Error {
    /// What is wrong.
    public let message: String

    /// Says what is wrong.
    public init(_ message: String) { self.message = message }
}
