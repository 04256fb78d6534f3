import Testing

@testable import SSH

/// What counts as a sign of life of a host.
@Suite struct SessionPulseTests {
    /// Looks at a connection every three seconds, 15 of silence being the limit; what it sees changes as `course` says.
    private func lives(
        jumps: Int = 0, looks: Int, late: Duration = .zero,
        _ course: (_ look: Int) -> SessionPulse.Sample
    ) -> [Bool] {
        let start = ContinuousClock.now
        var pulse = SessionPulse(silence: .seconds(15), jumps: jumps, at: start)
        return (1...looks).map { look in
            let now = start + pulse.interval * look + late * look
            let sample = course(look)
            defer { pulse.rest(received: sample.received, sent: sample.sent, at: now) }
            return pulse.isAlive(sample, at: now)
        }
    }

    @Test func aHostThatSaysNothingWhileItIsWaitedForIsGivenUpAtTheLimit() {
        let alive = lives(looks: 5) { _ in .init(received: 0, sent: 0, isAwaited: true, countsSending: true) }
        #expect(alive == [true, true, true, true, false])
    }

    @Test func whereNobodyWaitsSilenceIsNoSign() {
        let alive = lives(looks: 20) { _ in .init(received: 0, sent: 0, isAwaited: false, countsSending: true) }
        #expect(!alive.contains(false))
    }

    @Test func whatArrivesIsASignOfLife() {
        let alive = lives(looks: 9) { look in
            .init(received: look < 4 ? UInt64(look) : 4, sent: 0, isAwaited: true, countsSending: true)
        }
        #expect(alive == Array(repeating: true, count: 8) + [false])
    }

    @Test(arguments: [true, false])
    func whatIsTakenOffUsIsASignUnlessItIsOthers(_ counts: Bool) {
        let alive = lives(looks: 5) { look in
            .init(received: 0, sent: UInt64(look), isAwaited: true, countsSending: counts)
        }
        #expect(alive.contains(false) == !counts)
    }

    /// What is sent at a look, to wake the other end, was not sent before it.
    @Test func askingForASignIsNone() {
        let start = ContinuousClock.now
        var pulse = SessionPulse(silence: .seconds(15), jumps: 0, at: start)
        var sent: UInt64 = 0
        let alive = (1...5).map { look in
            let now = start + pulse.interval * look
            let isAlive = pulse.isAlive(
                .init(received: 0, sent: sent, isAwaited: true, countsSending: true), at: now)
            sent += 36
            pulse.rest(received: 0, sent: sent, at: now)
            return isAlive
        }
        #expect(alive.last == false)
    }

    @Test func whoWasStoppedItselfBlamesNobody() {
        let alive = lives(looks: 10, late: .seconds(4)) { _ in
            .init(received: 0, sent: 0, isAwaited: true, countsSending: true)
        }
        #expect(!alive.contains(false))
    }

    @Test(arguments: [(0, Duration.seconds(15)), (1, .seconds(21)), (2, .seconds(27))])
    func aJumpHostIsFoundBeforeThoseBehindIt(_ jumps: Int, _ limit: Duration) {
        #expect(SessionPulse(silence: .seconds(15), jumps: jumps, at: .now).limit == limit)
    }
}
