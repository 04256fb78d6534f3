/// Lets one at a time through, in the order of asking.
///
/// It may be held while something is awaited, which a mutex may not. Whoever holds it must not ask for it again.
public final class AsyncLock: Sendable {
    private let semaphore = AsyncSemaphore(1)

    /// A lock that nobody holds.
    public init() {}

    /// How many wait for it.
    var waitingCount: Int { semaphore.waitingCount }

    /// Runs `body` alone, where the caller runs. Once it holds the lock, being cancelled is for `body` to find out.
    ///
    /// - Parameter cancelled: What to throw when the caller's task is cancelled before its turn comes.
    /// - Returns: What `body` gives.
    /// - Throws: What `body` throws.
    public nonisolated(nonsending) func withLock<Value, Failure: Error>(
        cancelled: @autoclosure () -> Failure,
        _ body: nonisolated(nonsending) () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        guard let permit = await semaphore.acquire() else { throw cancelled() }
        defer { permit.release() }
        return try await body()
    }
}
