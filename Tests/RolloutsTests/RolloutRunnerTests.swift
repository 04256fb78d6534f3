import Fleet
import OrderedCollections
import Rollouts
import Synchronization
import TestSupport
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
            judge: { watch, itself in
                let names = watch.hosts.map(\.description).joined(separator: " ")
                fleet.onCall("judge \(names)")
                fleet.set { $0.calls.append("judge \(names)") }
                let own = await itself.begin(watch)(GateMoment(elapsed: .zero, isDue: true))
                if own.verdict == .fail {
                    return GateReport([.init(gate: itself.name, verdict: own.verdict, reason: own.reason)])
                }
                return GateReport([.init(gate: "http", verdict: verdict, reason: "seen")])
            },
            record: { event in journal.record(event) }, stop: stop, clock: TestClock())
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
        #expect(Set(fleet.calls[2..<4]) == ["deliver ap1 2", "deliver ap2 2"], "the build is everywhere first")
        #expect(
            fleet.calls.dropFirst(4).filter { !$0.hasPrefix("inspect") } == [
                "drain ap1", "activate ap1 2 timer 212", "check ap1 2", "admit ap1", "judge ap1", "confirm ap1 2",
                "drain ap2", "activate ap2 2 timer 212", "check ap2 2", "admit ap2", "judge ap2", "confirm ap2 2",
            ])
        #expect(Set(fleet.calls.suffix(2)) == ["inspect ap1", "inspect ap2"], "every host is asked before the end")
    }

    @Test func theIntentIsDurableBeforeTheActAndTheOutcomeAfter() async throws {
        let hosts = try Self.hosts(3)
        let journal = Journal()
        let early = Mutex<[String]>([])
        let fleet = RecordingFleet(hosts, running: Builds.one.release) { call in
            let intents = journal.all.compactMap { entry -> String? in
                guard case .intent(let action) = entry.event else { return nil }
                let words: [RolloutAction.Verb: String] = [.observe: "survey", .deliver: "deliver"]
                let verb = words[action.verb] ?? action.verb.rawValue
                guard let host = action.host else { return nil }
                return "\(verb) \(host)"
            }
            let isAsking = call.hasPrefix("inspect") || call.hasPrefix("judge")
            if !isAsking, !intents.contains(where: { call.hasPrefix($0) }) { early.withLock { $0.append(call) } }
        }
        _ = try await Self.run(Self.plan(hosts), on: fleet, journal: journal)
        #expect(early.withLock { $0 } == [])
        let open = journal.all.reduce(into: Set<RolloutAction>()) { open, entry in
            switch entry.event {
            case .intent(let action): open.insert(action)
            case .done(let action, _), .failed(let action, _): open.remove(action)
            case .sighted(let host, _): open.remove(.observe(host))
            case .counted: open.remove(.count)
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
        let fault = RolloutError(.fenced, host: hosts[0], "token 9")
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
        let fault = RolloutError(.unreachable, host: hosts[1], "gone")
        fleet.set { $0.faults["survey ap2"] = fault }
        let state = try await Self.run(Self.plan(hosts, budget: 1), on: fleet)
        #expect(state.outcome == .succeeded)
        #expect(state.faulted == [hosts[1]])
        #expect(fleet.calls.contains("drain ap2 at once"))
    }

    @Test func aBalancerThatRefusesTurnsTheRolloutBack() async throws {
        let hosts = try Self.hosts(3)
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let fault = RolloutError(.balancer, host: hosts[1], "refused")
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

    /// When, after the check, systemd restarts the canary's unit: watched, about to be confirmed, confirmed.
    @Test(arguments: ["admit ap1", "judge ap1", "confirm ap1", "confirm ap2"])
    func aCrashLoopOfTheCanaryIsFoundBeforeTheNextHostIsDrained(moment: String) async throws {
        let hosts = try Self.hosts(3)
        let restarted = Mutex<RecordingFleet?>(nil)
        let fleet = RecordingFleet(hosts, running: Builds.one.release) { call in
            guard call.hasPrefix(moment) else { return }
            restarted.withLock { $0 }?.set { $0.restarts[hosts[0]] = 1 }
        }
        restarted.withLock { $0 = fleet }
        let state = try await Self.run(Self.plan(hosts), on: fleet)
        restarted.withLock { $0 = nil }
        #expect(state.outcome == .rolledBack)
        guard case .back(let setback?) = state.direction else {
            Issue.record("it went on")
            return
        }
        let reason = setback.description
        #expect(reason.contains("ap1") && reason.contains("restarted by systemd once"), "\(reason)")
        #expect(fleet.inside.withLock { $0.current.values.allSatisfy { $0 == Builds.one.release } })
        #expect(fleet.inside.withLock { $0.serving } == Set(hosts))
        let victim = moment == "confirm ap2" ? "ap3" : "ap2"
        #expect(!fleet.calls.contains { $0.hasPrefix("activate \(victim) 2") })
    }

    /// A confirmed host dies at this call; with a budget of 1 the others go on, and the end names it.
    @Test(arguments: ["drain ap2", "judge ap2", "drain ap3", "judge ap3", "confirm ap3"], [0, 1])
    func aConfirmedHostThatDiesIsNamedAndCounts(moment: String, budget: Int) async throws {
        let hosts = try Self.hosts(3)
        let gone = RolloutError(.unreachable, host: hosts[0], "gone")
        let dying = Mutex<RecordingFleet?>(nil)
        let fleet = RecordingFleet(hosts, running: Builds.one.release) { call in
            let isConfirmed = dying.withLock { $0 }?.calls.contains("confirm ap1 2") ?? false
            guard isConfirmed, call.hasPrefix(moment) else { return }
            dying.withLock { $0 }?.set { inside in
                for verb in ["inspect", "deliver", "survey", "activate", "check"] {
                    inside.faults["\(verb) ap1"] = gone
                }
                inside.serving.remove(hosts[0])
            }
        }
        dying.withLock { $0 = fleet }
        let state = try await Self.run(Self.plan(hosts, budget: budget), on: fleet)
        dying.withLock { $0 = nil }
        #expect(state.outcome == (budget == 0 ? .rolledBack : .succeeded))
        #expect(state.faulted == [hosts[0]])
    }

    @Test func anInterruptedWatchIsNoVerdict() async throws {
        let hosts = try Self.hosts(2)
        let journal = Journal()
        let fleet = RecordingFleet(hosts, running: Builds.one.release)
        let work = Mutex<Task<RolloutState, any Error>?>(nil)
        let runner = RolloutRunner(
            releases: fleet, traffic: fleet,
            judge: { _, _ in
                work.withLock { $0 }?.cancel()
                return GateReport()
            }, record: { event in journal.record(event) }, clock: TestClock())
        let plan = Self.plan(hosts)
        var state = RolloutState(plan)
        state.apply(journal.record(.started(plan)))
        let start = state
        let run = work.withLock { work in
            let task = Task { try await runner.run(from: start) }
            work = task
            return task
        }
        await #expect(throws: CancellationError.self) { try await run.value }
        let judged = journal.all.contains { if case .judged = $0.event { true } else { false } }
        #expect(!judged)
        #expect(RolloutState(replaying: journal.all)?.batches.first?.report == nil)
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
