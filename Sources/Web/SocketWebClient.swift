public import Fleet
import Foundation
import Synchronization

/// Asks for pages on a connection of its own for each: straight to the address, whatever proxies the environment names, and
/// with one deadline over looking up, connecting and answering.
public struct SocketWebClient: WebClient {
    /// A client; nothing is connected.
    public init() {}

    /// Asks for a page; see ``WebClient``.
    public func ask(_ request: WebRequest) async -> WebAnswer {
        let outcome = Outcome()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Looking a name up has no deadline of its own. Woken early, it comes too late to settle anything.
                try? await Task.sleep(for: request.timeout + .milliseconds(100))
                let isCancelled = Task.isCancelled
                outcome.settle(.failure(isCancelled ? "interrupted" : "no answer within \(request.timeout.written)"))
            }
            defer { group.cancelAll() }
            return await withCheckedContinuation { continuation in
                outcome.wait(continuation)
                // A thread of its own: those of the pools may all be waiting for something.
                Thread.detachNewThread { outcome.settle(HTTPConversation(request).hold()) }
            }
        }
    }
}

/// The first answer that comes, whoever gives it.
private final class Outcome: Sendable {
    private struct State {
        var answer: WebAnswer?
        var continuation: CheckedContinuation<WebAnswer, Never>?
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<WebAnswer, Never>) {
        let answer = state.withLock { state -> WebAnswer? in
            if state.answer == nil { state.continuation = continuation }
            return state.answer
        }
        if let answer { continuation.resume(returning: answer) }
    }

    func settle(_ answer: WebAnswer) {
        let waiting = state.withLock { state -> CheckedContinuation<WebAnswer, Never>? in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.continuation.take()
        }
        waiting?.resume(returning: answer)
    }
}
