import Fleet
import Foundation
import Rollouts
import Synchronization

/// What came of doing something on one host.
struct HostAnswer<Answer: Sendable>: Sendable {
    let host: HostName
    /// Not there for a host that was left out: the operator said stop, or too many others failed.
    let result: Result<Answer, TransportError>?
}

/// The same work on many hosts at once.
struct FanOut: Sendable {
    let access: HostAccess
    let hosts: [HostName]
    let terminal: Terminal
    var pace = Pace()

    /// What is done on a host; it is told how long connecting took.
    typealias Work<Answer> = @Sendable (any Transport, Duration) async throws(TransportError) -> Answer

    /// Connects to every host and does `work` there; gives the answers in the hosts' order.
    ///
    /// Ctrl-C leaves out the hosts whose work has not begun; the second one also ends what runs on the others.
    func answers<Answer: Sendable>(_ work: @escaping Work<Answer>) async throws -> [HostAnswer<Answer>] {
        let collected = Mutex([HostName: HostAnswer<Answer>]())
        try await each(work, hasFailed: { _ in false }) { answer in
            let done = collected.withLock { collected in
                collected[answer.host] = answer
                return collected.count
            }
            terminal.show(progress: "\(done) of \(hosts.count) hosts answered")
        }
        let answers = collected.withLock(\.self)
        return hosts.compactMap { answers[$0] }
    }

    /// As ``answers(_:)``, but hands every host's answer over as it ends and keeps none.
    ///
    /// - Parameters:
    ///   - hasFailed: Whether an answer counts as a failure of its host.
    ///   - ended: Called with one answer after the other; a host that was left out has one too, at the end.
    func each<Answer: Sendable>(
        _ work: @escaping Work<Answer>, hasFailed: @escaping @Sendable (Answer) -> Bool,
        _ ended: @escaping @Sendable (HostAnswer<Answer>) -> Void
    ) async throws {
        let endpoints = try hosts.map { try access.endpoint(of: $0) }
        try await Composition.unlockKeys(access.connector, for: endpoints, terminal)
        var pace = pace
        pace.inHand = min(pace.inHand ?? .max, Composition.connectionsAtOnce)
        let plan = SharedPlan(FanOutPlan(count: hosts.count, pace: pace))
        let stop = StopSignal()
        await Interruption.finished(terminal, stop, stopping: { stopped(plan) }) {
            await run(endpoints, plan, stop, work, hasFailed, ended)
        }
    }

    private enum Event<Answer: Sendable>: Sendable {
        case connected(Int, any Transport, Duration)
        case ended(Int, Result<Answer, TransportError>)
    }

    /// Begins hosts as the plan says until none is left to begin.
    private func run<Answer: Sendable>(
        _ endpoints: [Endpoint], _ plan: SharedPlan, _ stop: StopSignal, _ work: @escaping Work<Answer>,
        _ hasFailed: @Sendable (Answer) -> Bool, _ ended: (HostAnswer<Answer>) -> Void
    ) async {
        await withTaskGroup(of: Event<Answer>.self) { group in
            func begin() {
                for index in plan.next(unless: stop) {
                    group.addTask { await connect(index, endpoints[index]) }
                }
            }
            begin()
            for await event in group {
                switch event {
                case .connected(let index, let transport, let time):
                    guard plan.connected(index, unless: stop) else {
                        ended(HostAnswer(host: hosts[index], result: nil))
                        break
                    }
                    group.addTask { await perform(index, transport, time, work) }
                case .ended(let index, let result):
                    let isFailure = if case .success(let answer) = result { hasFailed(answer) } else { true }
                    plan.ended(index, failed: isFailure)
                    ended(HostAnswer(host: hosts[index], result: result))
                }
                begin()
            }
        }
        for index in plan.waiting { ended(HostAnswer(host: hosts[index], result: nil)) }
    }

    private func connect<Answer>(_ index: Int, _ endpoint: Endpoint) async -> Event<Answer> {
        let start = ContinuousClock.now
        do throws(TransportError) {
            let transport = try await access.connector.transport(to: endpoint)
            return .connected(index, transport, .now - start)
        } catch {
            return .ended(index, .failure(error))
        }
    }

    private func perform<Answer>(
        _ index: Int, _ transport: any Transport, _ connecting: Duration, _ work: Work<Answer>
    ) async -> Event<Answer> {
        let result: Result<Answer, TransportError>
        do throws(TransportError) {
            result = .success(try await work(transport, connecting))
        } catch {
            result = .failure(error)
        }
        // Thousands of connections that nobody needs any more would cost the hosts' side as much as this one.
        await transport.close()
        return .ended(index, result)
    }

    /// What Ctrl-C does, in words.
    private func stopped(_ plan: SharedPlan) -> String {
        let states = plan.states
        let working = hosts.indices.filter { states[$0] == .working }.map { hosts[$0] }
        let left = hosts.indices.filter { states[$0] == .waiting || states[$0] == .connecting }.map { hosts[$0] }
        let names = HostGroup.text(working)
        let hand = working.isEmpty ? "no host is in hand" : "stopping after the hosts in hand (\(names))"
        let rest = left.isEmpty ? "none is left" : "left out: \(HostGroup.text(left))"
        return "\(hand); \(rest); press Ctrl-C again to stop now"
    }
}

/// A plan that the fan-out changes, and that is looked at when the operator says stop.
private final class SharedPlan: Sendable {
    private let plan: Mutex<FanOutPlan>

    init(_ plan: FanOutPlan) { self.plan = Mutex(plan) }

    var states: [FanOutPlan.State] { plan.withLock { $0.states } }

    var waiting: [Int] { plan.withLock { plan in plan.states.indices.filter { plan.states[$0] == .waiting } } }

    func next(unless stop: StopSignal) -> Range<Int> {
        plan.withLock { plan in
            if stop.wasRaised || Task.isCancelled { plan.stop() }
            return plan.next()
        }
    }

    /// - Returns: Whether the host's work is still wanted.
    func connected(_ host: Int, unless stop: StopSignal) -> Bool {
        plan.withLock { plan in
            if stop.wasRaised || Task.isCancelled { plan.stop() }
            plan.connected(host)
            if plan.leavesTheRest { plan.ended(host, failed: false) }
            return !plan.leavesTheRest
        }
    }

    func ended(_ host: Int, failed: Bool) { plan.withLock { $0.ended(host, failed: failed) } }
}

extension Terminal {
    /// Tells what failed, hosts with the same trouble together.
    func show(failures: [(host: HostName, error: TransportError)]) {
        var groups: [(error: TransportError, hosts: [HostName])] = []
        for (host, error) in failures {
            if let index = groups.firstIndex(where: { $0.error.message == error.message }) {
                groups[index].hosts.append(host)
            } else {
                groups.append((error, [host]))
            }
        }
        for group in groups {
            tell(error: group.error.message, about: HostGroup.text(group.hosts), hints: group.error.hints)
        }
    }
}
