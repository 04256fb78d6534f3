import Synchronization

/// Work that is started from a synchronous place and waited for later; its owner is the test that finishes it.
public final class OneShot: Sendable {
    private let task = Mutex<Task<Void, any Error>?>(nil)

    /// Nothing has been started.
    public init() {}

    /// Starts `work`.
    public func start(_ work: @Sendable @escaping () async throws -> Void) {
        task.withLock { $0 = Task { try await work() } }
    }

    /// Waits for the work, if any was started.
    public func finish() async throws {
        try await task.withLock { $0 }?.value
    }
}
