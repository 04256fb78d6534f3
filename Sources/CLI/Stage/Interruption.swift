import Dispatch
import Fleet
import Foundation
import Rollouts

/// What Ctrl-C means: the first time, stop after what is in hand; the second time, stop now.
enum Interruption {
    private enum Turn<Result: Sendable>: Sendable {
        case done(Result)
        case cutShort
        case unheard
    }

    /// Does `work`, raising `stop` at the first SIGINT, SIGTERM or SIGHUP and cancelling it at the second. What `work` then
    /// throws says how it was left.
    static func watched<Result: Sendable>(
        _ terminal: Terminal, _ stop: StopSignal, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Turn<Result>.self) { group in
            group.addTask { .done(try await work()) }
            group.addTask {
                for await _ in signals() {
                    if stop.wasRaised { return .cutShort }
                    stop.raise()
                    terminal.say("stopping after the hosts in hand; press Ctrl-C again to stop now")
                }
                return .unheard
            }
            defer { group.cancelAll() }
            while let turn = try await group.next() {
                switch turn {
                case .done(let result): return result
                case .cutShort: group.cancelAll()
                case .unheard: break
                }
            }
            throw CancellationError()
        }
    }

    /// Does `work` to its end. The first SIGINT, SIGTERM or SIGHUP raises `stop` and says what `stopping` says; the second
    /// cancels `work`, which then ends what it began and returns; the third ends this program.
    static func finished(
        _ terminal: Terminal, _ stop: StopSignal, stopping: @escaping @Sendable () -> String,
        _ work: @escaping @Sendable () async -> Void
    ) async {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await work()
                return true
            }
            group.addTask {
                for await _ in signals() {
                    if stop.wasRaised { break }
                    stop.raise()
                    terminal.say(stopping())
                }
                return false
            }
            while await group.next() == false {
                terminal.say("stopping now, and ending what runs on the hosts")
                group.cancelAll()
            }
            group.cancelAll()
        }
    }

    /// Does `work`, which changes nothing, and cancels it at the first SIGINT, SIGTERM or SIGHUP; the second ends this program.
    static func cutShort(_ terminal: Terminal, saying words: String, _ work: @escaping @Sendable () async -> Void) async
    {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await work()
                return true
            }
            group.addTask {
                for await _ in signals() { return false }
                return true
            }
            if await group.next() == false { terminal.say(words) }
            group.cancelAll()
        }
    }

    /// A program that was started to outlive its terminal (`nohup`) goes on when that is closed.
    private static func isHeard(_ number: Int32) -> Bool {
        guard number == SIGHUP else { return true }
        return !wasHangupIgnored
    }

    /// As it was when this program first listened.
    private static let wasHangupIgnored: Bool = {
        var action = sigaction()
        guard sigaction(SIGHUP, nil, &action) == 0 else { return false }
        let ignored = unsafeBitCast(SIG_IGN, to: Int.self)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == ignored
    }()

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
