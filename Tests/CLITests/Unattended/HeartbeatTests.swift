import Synchronization
import TestSupport
import Testing

@testable import CLI

@Suite struct HeartbeatTests {
    /// What was said until `times` lines were, each by the clock; each is an end of silence.
    private func said(_ times: Int) async -> [Duration] {
        let clock = TestClock()
        let last = Mutex(Duration.zero)
        let lines = Mutex<[Duration]>([])
        let beats = Task {
            let heartbeat = Heartbeat(
                clock: clock, silence: { clock.now.offset - last.withLock(\.self) },
                say: { _ in
                    last.withLock { $0 = clock.now.offset }
                    lines.withLock { $0.append(clock.now.offset) }
                    if lines.withLock(\.count) == times { withUnsafeCurrentTask { $0?.cancel() } }
                })
            await heartbeat.beat()
        }
        await beats.value
        return lines.withLock(\.self)
    }

    @Test func nothingIsSilentForMoreThanThirtySeconds() async {
        let lines = await said(5)
        #expect(lines.count == 5)
        for (earlier, later) in zip([.zero] + lines, lines) { #expect(later - earlier <= .seconds(30)) }
    }

    @Test func whereSomethingIsSaidNothingIsAdded() async {
        let clock = TestClock()
        let looks = Mutex(0)
        let beats = Task {
            let silence = { @Sendable in
                if looks.withLock({
                    $0 += 1; return $0
                }) == 40 {
                    withUnsafeCurrentTask { $0?.cancel() }
                }
                return Duration.seconds(4)
            }
            await Heartbeat(clock: clock, silence: silence, say: { Issue.record("said \($0)") }).beat()
        }
        await beats.value
        #expect(looks.withLock(\.self) == 40)
    }
}
