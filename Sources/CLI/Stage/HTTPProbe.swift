import Fleet
import Foundation
import Synchronization

/// Asks for the status of a page, on a connection of its own: straight to the address, whatever proxies the environment
/// names, without following a redirect, and with one deadline over connecting and answering.
struct HTTPProbe: Sendable {
    /// What came of it.
    enum Answer: Equatable, Sendable {
        /// The status, and where a redirect leads.
        case status(Int, location: String? = nil)
        /// Why there was none, in plain words.
        case failure(String)

        var summary: String {
            switch self {
            case .status(let status, let location?): "\(status), a redirect to \(location)"
            case .status(let status, nil): "\(status)"
            case .failure(let reason): reason
            }
        }
    }

    /// An address, or a name that this machine can look up.
    var address: String
    var port: Int
    var path: String
    /// Time for everything.
    var timeout = Duration.seconds(5)

    /// For people.
    var url: String { "http://\(isBare ? "[\(address)]" : address):\(port)\(path)" }

    private var isBare: Bool { address.contains(":") }

    /// Asks, and gives the status of the answer's head; its body is not waited for.
    func ask() async -> Answer {
        let outcome = Outcome()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                // Looking a name up has no deadline of its own. Woken early, it comes too late to settle anything.
                try? await Task.sleep(for: timeout + .milliseconds(100))
                outcome.settle(.failure(Task.isCancelled ? "interrupted" : "no answer within \(timeout.written)"))
            }
            defer { group.cancelAll() }
            return await withCheckedContinuation { continuation in
                outcome.wait(continuation)
                // A thread of its own: those of the pools may all be waiting for something.
                Thread.detachNewThread { outcome.settle(HTTPConversation(self).hold()) }
            }
        }
    }

    var request: String {
        let host = (isBare ? "[\(address)]" : address) + (port == 80 ? "" : ":\(port)")
        return "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: drover\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    }
}

/// The first answer that comes, whoever gives it.
private final class Outcome: Sendable {
    private struct State {
        var answer: HTTPProbe.Answer?
        var continuation: CheckedContinuation<HTTPProbe.Answer, Never>?
    }

    private let state = Mutex(State())

    func wait(_ continuation: CheckedContinuation<HTTPProbe.Answer, Never>) {
        let answer = state.withLock { state -> HTTPProbe.Answer? in
            if state.answer == nil { state.continuation = continuation }
            return state.answer
        }
        if let answer { continuation.resume(returning: answer) }
    }

    func settle(_ answer: HTTPProbe.Answer) {
        let waiting = state.withLock { state -> CheckedContinuation<HTTPProbe.Answer, Never>? in
            guard state.answer == nil else { return nil }
            state.answer = answer
            return state.continuation.take()
        }
        waiting?.resume(returning: answer)
    }
}
