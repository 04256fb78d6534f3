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
        await answer(request, failing: WebAnswer.failure) { $0.hold() }
    }

    /// Asks for the whole answer; see ``WebClient``.
    public func fetch(_ request: WebRequest) async -> Result<WebPage, WebFailure> {
        await answer(request, failing: { .failure(WebFailure($0, mayHaveArrived: true)) }) { $0.page() }
    }

    private func answer<Answer: Sendable>(
        _ request: WebRequest, failing: @escaping @Sendable (String) -> Answer,
        _ hold: @escaping @Sendable (HTTPConversation) -> Answer
    ) async -> Answer {
        let outcome = Outcome<Answer>()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Looking a name up has no deadline of its own. Woken early, it comes too late to settle anything.
                try? await Task.sleep(for: request.timeout + .milliseconds(100))
                let isCancelled = Task.isCancelled
                outcome.settle(failing(isCancelled ? "interrupted" : "no answer within \(request.timeout.written)"))
            }
            defer { group.cancelAll() }
            return await withCheckedContinuation { continuation in
                outcome.wait(continuation)
                // A thread of its own: those of the pools may all be waiting for something.
                Thread.detachNewThread { outcome.settle(hold(HTTPConversation(request))) }
            }
        }
    }
}

/// The first answer that comes, whoever gives it.
private final class Outcome<Answer: Sendable>: Sendable {
    private struct State {
        var answer: Answer?
        var continuation: CheckedContinuation<Answer, Never>?
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<Answer, Never>) {
        let answer = state.withLock { state -> Answer? in
            if state.answer == nil { state.continuation = continuation }
            return state.answer
        }
        if let answer { continuation.resume(returning: answer) }
    }

    func settle(_ answer: Answer) {
        let waiting = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.continuation.take()
        }
        waiting?.resume(returning: answer)
    }
}
