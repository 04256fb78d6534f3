import Fleet
import OrderedCollections
import Rollouts
import Synchronization
import Testing

@Suite struct RolloutRunnerTests {
    /// A journal in memory that a runner writes to.
    final class Journal: Sendable {
        let entries = Mutex<[RolloutEntry]>([])

        func record(_ event: RolloutEvent) -> RolloutEntry {
            entries.withLock { entries in
                let sequence = Int64(entries.count + 1)
                let entry = RolloutEntry(
                    sequence: sequence, at: Timestamp(milliseconds: sequence), event: event)
                entries.append(entry)
                return entry
            }
        }

        var all: [RolloutEntry] { entries.withLock { $0 } }
    }

    static func hosts(_ count: Int) throws -> [HostName] { try (1...count).map { try HostName("ap\($0)") } }

    static func plan(_ hosts: [HostName], _ kind: RolloutPlan.Kind = .rollout, budget: Int = 0) -> RolloutPlan {
        RolloutPlan(
            stage: "production", kind: kind, build: Builds.two, baseline: Builds.one.release, hosts: hosts,
            policy: RolloutPolicy(canary: 1, batch: .hosts(1), budget: budget))
    }

    static func run(
        _ plan: RolloutPlan, on fleet: RecordingFleet, journal: Journal = Journal(), stop: StopSignal = StopSignal(),
        verdict: Verdict = .pass
    ) async throws -> RolloutState {
        let runner = RolloutRunner(
            releases: fleet, traffic: fleet,
            judge: { hosts in
                let names = hosts.map(\.description).joined(separator: " ")
                fleet.set { $0.calls.append("judge \(names)") }
                return GateReport([.init(gate: "http", verdict: verdict, reason: "seen")])
            },
            record: { event in journal.record(event) }, stop: stop)
        var state = RolloutState(plan)
        state.apply(journal.record(.started(plan)))
        return try await runner.run(from: state)
    }

    @Test func eachHostIsDrainedSwitchedCheckedAndAdmitted() async throws {
        let hosts = try Self.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let state = try await Self.run(Self.plan(hosts), on: fleet)
        #expect(state.outcome == .succeeded)
        #expect(Set(fleet.calls.prefix(2)) == ["survey ap1", "survey ap2"])
        #expect(
            Array(fleet.calls.dropFirst(2)) == [
                "stage ap1 2", "drain ap1", "activate ap1 2 timer 212", "check ap1 2", "admit ap1", "judge ap1",
                "confirm ap1 2", "stage ap2 2", "drain ap2", "activate ap2 2 timer 212", "check ap2 2", "admit ap2",
                "judge ap2", "confirm ap2 2",
            ])
    }

    @Test func theIntentIsDurableBeforeTheActAndTheOutcomeAfter() async throws {
        let hosts = try Self.hosts(3)
        let journal = Journal()
        let early = Mutex<[String]>([])
        let fleet = RecordingFleet(hosts, running: Builds.one.release) { call in
            let intents = journal.all.compactMap { entry -> String? in
                guard case .intent(let action) = entry.event else { return nil }
                let verb = action.verb == .observe ? "survey" : action.verb.rawValue
                return action.host.map { "\(verb) \($0)" }
            }
            if !intents.contains(where: { call.hasPrefix($0) }) { early.withLock { $0.append(call) } }
        }
        _ = try await Self.run(Self.plan(hosts), on: fleet, journal: journal)
        #expect(early.withLock { $0 } == [])
        let open = journal.all.reduce(into: Set<RolloutAction>()) { open, entry in
            switch entry.event {
            case .intent(let action): open.insert(action)
            case .done(let action, _), .failed(let action, _): open.remove(action)
            case .sighted(let host, _): open.remove(.observe(host))
            case .judged(let batch, _): open.remove(.judge(batch: batch))
            default: break
            }
        }
        #expect(open.isEmpty)
    }

    @Test func anUnhealthyCanaryGoesBack() async throws {
        let hosts = try Self.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        fleet.set { $0.unhealthy = [Builds.two.release] }
        let state = try await Self.run(Self.plan(hosts), on: fleet)
        #expect(state.outcome == .rolledBack)
        #expect(fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.one.release } })
        #expect(fleet.inside.withLock { $0.serving } == Set(hosts))
        #expect(fleet.calls.last == "admit ap1")
        #expect(fleet.calls.contains("activate ap1 1"), "going back waits for no confirmation")
    }

    @Test func aFencedControllerStopsAtOnce() async throws {
        let hosts = try Self.hosts(2)
        let journal = Journal()
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let fault = RolloutFault(.fenced, host: hosts[0], "token 9")
        fleet.set { $0.faults["activate"] = fault }
        await #expect(throws: fault) { try await Self.run(Self.plan(hosts), on: fleet, journal: journal) }
        #expect(fleet.calls.last?.hasPrefix("activate") == true)
        #expect(RolloutState(replaying: journal.all)?.outcome == nil, "it can still be resumed")
    }

    @Test func aStopEndsAfterTheBatchInHand() async throws {
        let hosts = try Self.hosts(3)
        let stop = StopSignal()
        let fleet = RecordingFleet(hosts, running: Builds.one.release) { call in
            if call.hasPrefix("check ap1") { stop.raise() }
        }
        let state = try await Self.run(Self.plan(hosts), on: fleet, stop: stop)
        #expect(state.outcome == nil)
        #expect(fleet.calls.last == "confirm ap1 2")
        #expect(fleet.inside.withLock { $0.serving } == Set(hosts))
    }

    @Test func aHostOutOfReachIsTakenOutWithoutWaitingForItsSessions() async throws {
        let hosts = try Self.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let fault = RolloutFault(.unreachable, host: hosts[1], "gone")
        fleet.set { $0.faults["survey ap2"] = fault }
        let state = try await Self.run(Self.plan(hosts, budget: 1), on: fleet)
        #expect(state.outcome == .succeeded)
        #expect(state.faulted == [hosts[1]])
        #expect(fleet.calls.contains("drain ap2 at once"))
    }

    @Test func aBalancerThatRefusesTurnsTheRolloutBack() async throws {
        let hosts = try Self.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let fault = RolloutFault(.balancer, host: hosts[1], "refused")
        fleet.set { $0.faults["drain ap2"] = fault }
        let state = try await Self.run(Self.plan(hosts), on: fleet)
        #expect(state.outcome == .rolledBack)
        #expect(fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.one.release } })
        #expect(fleet.inside.withLock { $0.serving } == Set(hosts))
    }

    @Test(arguments: [Verdict.fail, .insufficient])
    func aGateThatDoesNotPassTurnsTheRolloutBack(verdict: Verdict) async throws {
        let hosts = try Self.hosts(2)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let state = try await Self.run(Self.plan(hosts), on: fleet, verdict: verdict)
        #expect(state.outcome == .rolledBack)
        #expect(!fleet.calls.contains { $0.hasPrefix("confirm") })
    }

    @Test func everyEventSurvivesItsJournal() async throws {
        let hosts = try Self.hosts(3)
        let journal = Journal()
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        fleet.set { $0.unhealthy = [Builds.two.release] }
        _ = try await Self.run(Self.plan(hosts), on: fleet, journal: journal)
        for entry in journal.all { #expect(try Coding.roundTrip(entry.event) == entry.event) }
    }
}
