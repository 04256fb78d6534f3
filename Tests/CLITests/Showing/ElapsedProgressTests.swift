import Synchronization
import TestSupport
import Testing

@testable import CLI

@Suite struct ElapsedProgressTests {
    private struct Broken: Error {}

    @Test func saysHowLongUntilTheWorkIsDone() async throws {
        let (lines, told) = AsyncStream<String>.makeStream()
        let progress = ElapsedProgress(clock: TestClock(), pause: .seconds(5), what: "packing dist") { told.yield($0) }
        let seen = try await progress.during {
            var seen: [String] = []
            for await line in lines {
                seen.append(line)
                if seen.count == 3 { break }
            }
            return seen
        }
        #expect(seen == ["packing dist: 5.0s", "packing dist: 10.0s", "packing dist: 15.0s"])
    }

    @Test func whatGoesWrongIsThrown() async {
        let progress = ElapsedProgress(clock: ContinuousClock(), pause: .seconds(3600), what: "packing") { _ in
            Issue.record("it took no time")
        }
        await #expect(throws: Broken.self) { try await progress.during { () -> Int in throw Broken() } }
    }
}
