import Fleet
import Rollouts
import TestSupport
import Testing

/// How long it takes from the failed gate to every host back, where a restart and a health check take their time.
@Suite struct GoingBackTimeTests {
    private static let (restart, health, anythingElse) = (2.0, 3.0, 0.05)

    private static func cost(of action: RolloutAction) -> Double {
        switch action.verb {
        case .activate: restart
        case .check: health
        default: anythingElse
        }
    }

    /// Hosts go back side by side, as many at once as the pool can spare: a restart, a health check and a second.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func hostsGoBackSideBySide(seed: UInt64) throws {
        let simulation = try Simulation.any(seed: seed, isHealthy: true)
        var (fleet, state) = (simulation.fleet, RolloutState(simulation.plan))
        fleet.objections[simulation.plan.build.release] = .fail
        var (now, turnedAt, spare) = (0.0, 0.0, 0)
        var running: [(end: Double, action: RolloutAction)] = []
        func take(_ event: RolloutEvent) {
            if case .turnedBack = event { (turnedAt, spare) = (now, state.serving - simulation.plan.floor) }
            let sequence = state.lastSequence + 1
            state.apply(RolloutEntry(sequence: sequence, at: Timestamp(milliseconds: sequence), event: event))
        }
        take(.started(simulation.plan))
        while state.outcome == nil {
            for step in RolloutPlanner.next(state) {
                switch step {
                case .record(let event): take(event)
                case .perform(let action):
                    take(.intent(action))
                    running.append((now + Self.cost(of: action), action))
                }
            }
            guard let next = running.indices.min(by: { running[$0].end < running[$1].end }) else { continue }
            let done = running.remove(at: next)
            now = done.end
            take(fleet.perform(done.action, state))
        }
        #expect(state.outcome == .rolledBack)
        let changed = state.batches.flatMap(\.hosts).count
        let waves = (changed + max(1, spare) - 1) / max(1, spare)
        let most = Double(waves) * (Self.restart + Self.health + 1)
        #expect(now - turnedAt <= most, "\(changed) hosts, \(spare) to spare")
    }
}
