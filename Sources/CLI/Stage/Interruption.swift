import Dispatch
import Fleet
import Foundation
import Rollouts

/// What Ctrl-C means: the first time, stop after what is in hand; the second time, stop now.
enum Interruption {
    /// Does `work`, raising `stop` at the first SIGINT or SIGTERM and cancelling it at the second.
    static func watched<Result: Sendable>(
        _ terminal: Terminal, _ stop: StopSignal, _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                for await _ in signals() {
                    if stop.wasRaised { throw CancellationError() }
                    stop.raise()
                    terminal.say("stopping after the hosts in hand; press Ctrl-C again to stop now")
                }
                return nil
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    /// Does `work` to its end. The first SIGINT or SIGTERM raises `stop` and says what `stopping` says; the second
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

    /// Does `work`, which changes nothing, and cancels it at the first SIGINT or SIGTERM; the second ends this program.
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

    private static func signals() -> AsyncStream<Int32> {
        AsyncStream(bufferingPolicy: .bufferingNewest(4)) { continuation in
            let sources = [SIGINT, SIGTERM].map { number in
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
