import Foundation
import Testing

@testable import CLI

@Suite(.serialized, .timeLimit(.minutes(1))) struct SignalHandlingTests {
    private static let quiet: Terminal = {
        var terminal = Terminal(isInteractive: false, hasColour: false)
        terminal.verbosity = .quiet
        return terminal
    }()

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalIsHeardFromTheFirstMomentOn(_ number: Int32) async {
        for _ in 0..<200 {
            await #expect(throws: CancellationError.self) {
                try await SignalHandling(terminal: Self.quiet).during {
                    kill(getpid(), number)
                    // Ends by cancellation alone.
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    try Task.checkCancellation()
                }
            }
        }
    }

    @Test func everyListenerHearsEverySignal() async {
        let streams = [HeardSignals.shared.listen(), HeardSignals.shared.listen()]
        kill(getpid(), SIGINT)
        for stream in streams {
            var signals = stream.makeAsyncIterator()
            #expect(await signals.next() == SIGINT)
        }
    }
}
