import Dispatch
import Fleet
import Foundation

/// What Ctrl-C means while something is done: the first time, stop after what is in hand; the second time, stop now. SIGTERM
/// and SIGHUP mean the same.
struct SignalHandling {
    let terminal: Terminal
    /// Raised at the first signal. Work without one changes nothing: the first signal stops it now.
    var stop: StopSignal?
    /// What is said when the stop signal is raised.
    var stopping: @Sendable () -> String = { "stopping after the hosts in hand; press Ctrl-C again to stop now" }
    /// What is said when the work is cancelled, if anything.
    var cancelling: String?

    private enum Turn<Answer: Sendable>: Sendable {
        case done(Answer)
        case cancelled
        case unheard
    }

    /// Does `work` and gives its answer. Where it is cancelled, what it then throws or gives says how it was left; a signal
    /// after that ends this program.
    func during<Answer: Sendable>(_ work: @escaping @Sendable () async throws -> Answer) async throws -> Answer {
        // Before anything is done: work that has begun must not be ended by a signal that nobody heard.
        let signals = Self.signals()
        return try await withThrowingTaskGroup(of: Turn<Answer>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                for await _ in signals {
                    guard let stop, !stop.wasRaised else { return .cancelled }
                    stop.raise()
                    terminal.say(stopping())
                }
                return .unheard
            }
            defer { group.cancelAll() }
            while let turn = try await group.next() {
                switch turn {
                case .done(let answer): return answer
                case .cancelled:
                    if let cancelling { terminal.say(cancelling) }
                    group.cancelAll()
                case .unheard: break
                }
            }
            throw CancellationError()
        }
    }

    // MARK: Signals

    private static func signals() -> AsyncStream<Int32> {
        AsyncStream(bufferingPolicy: .bufferingNewest(4)) { continuation in
            let sources = [SIGINT, SIGTERM, SIGHUP].filter(isHeard).map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return Listening(source: source, number: number)
            }
            continuation.onTermination = { _ in for source in sources { source.end() } }
        }
    }

    /// A program that was started to outlive its terminal (`nohup`) goes on when that is closed.
    private static func isHeard(_ number: Int32) -> Bool { number != SIGHUP || !wasHangupIgnored }

    /// As it was when this program first listened.
    private static let wasHangupIgnored: Bool = {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        let ignored = unsafeBitCast(SIG_IGN, to: Int.self)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == ignored
    }()
}

/// A signal that is listened to until ``end()``.
private struct Listening: @unchecked Sendable {
    // Dispatch sources may be used from any thread; the type does not say so on Linux.
    let source: any DispatchSourceSignal
    let number: Int32

    func end() {
        source.cancel()
        signal(number, SIG_DFL)
    }
}
