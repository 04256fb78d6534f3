public import Fleet
public import Inventories
import Synchronization

/// The same work on many hosts at once: connects to each at the pace that is wished, and hangs up when its work is done.
///
/// Raising the stop signal leaves out the hosts whose work has not begun; cancelling the task also ends what runs on the
/// others.
public struct FanOut: Sendable {
    /// What is done on a host; it is told how long connecting took.
    public typealias Work<Answer> = @Sendable (any Transport, Duration) async throws(TransportError) -> Answer

    private let routes: [Route]
    private let dialer: Dialer
    private let stop: StopSignal
    private let plan: SharedPlan

    /// A fan-out that has begun nothing yet, and is used once.
    ///
    /// - Parameters:
    ///   - routes: How the hosts are reached; each host once, in the order in which they are begun.
    ///   - stop: Raised when no further host should begin.
    public init(_ routes: [Route], over dialer: Dialer, at pace: Pace = Pace(), until stop: StopSignal) {
        (self.routes, self.dialer, self.stop) = (routes, dialer, stop)
        plan = SharedPlan(FanOutPlan(count: routes.count, pace: pace))
    }

    /// The hosts, in order.
    public var hosts: [HostName] { routes.map(\.host) }

    /// Which hosts are worked on now, and which are yet to begin.
    public var standing: FanOutStanding {
        let states = plan.states
        func hosts(_ wanted: Set<FanOutPlan.State>) -> [HostName] {
            zip(states, routes).filter { wanted.contains($0.0) }.map(\.1.host)
        }
        return FanOutStanding(inHand: hosts([.working]), left: hosts([.waiting, .connecting, .silent, .ready]))
    }

    /// Does `work` on every host and gives the answers in the hosts' order.
    /// - Parameter ended: Told how many hosts have ended, one after the other.
    public func answers<Answer: Sendable>(
        _ work: @escaping Work<Answer>, ended: @escaping @Sendable (Int) -> Void = { _ in }
    ) async -> [HostAnswer<Answer>] {
        var collected: [HostName: HostAnswer<Answer>] = [:]
        await run(work, hasFailed: { _ in false }) { answer in
            collected[answer.host] = answer
            ended(collected.count)
        }
        return routes.compactMap { collected[$0.host] }
    }

    /// Does `work` on every host, hands each answer over as it comes and keeps none.
    ///
    /// - Parameters:
    ///   - hasFailed: Whether an answer counts as a failure of its host.
    ///   - ended: Called with one answer after the other; a host that was left out has one too, at the end.
    public func each<Answer: Sendable>(
        _ work: @escaping Work<Answer>, hasFailed: @escaping @Sendable (Answer) -> Bool = { _ in false },
        _ ended: @escaping @Sendable (HostAnswer<Answer>) -> Void
    ) async {
        await run(work, hasFailed: hasFailed, ended)
    }

    private enum Event<Answer: Sendable>: Sendable {
        case connected(Int, Connection)
        case ended(HostAnswer<Answer>, Int)
        /// It is time to look who does not answer.
        case timeToLook
    }

    private struct Connection: Sendable {
        var transport: any Transport
        /// How long it took.
        var time: Duration
    }

    /// Begins hosts as the plan says until none is left to begin.
    private func run<Answer: Sendable>(
        _ work: @escaping Work<Answer>, hasFailed: (Answer) -> Bool, _ ended: (HostAnswer<Answer>) -> Void
    ) async {
        await withTaskGroup(of: Event<Answer>.self) { group in
            var ready: [Int: Connection] = [:]
            var isListening = false
            func take(_ step: SharedPlan.Step, _ index: Int, _ connection: Connection) {
                switch step {
                case .work: group.addTask { await perform(index, connection, work) }
                case .wait: ready[index] = connection
                case .leave: ended(HostAnswer(host: routes[index].host, result: nil))
                }
            }
            func begin() {
                while let next = plan.nextReady(unless: stop), let held = ready.removeValue(forKey: next.host) {
                    take(next.step, next.host, held)
                }
                for index in plan.next(unless: stop) { group.addTask { await connect(index) } }
                guard !isListening, plan.listens, !Task.isCancelled else { return }
                isListening = true
                group.addTask { await pauseBeforeLooking() }
            }
            begin()
            for await event in group {
                switch event {
                case .connected(let index, let connection):
                    take(plan.connected(index, unless: stop), index, connection)
                case .ended(let answer, let index):
                    plan.ended(index, failed: answer.value.map(hasFailed) ?? true)
                    ended(answer)
                case .timeToLook:
                    isListening = false
                    plan.look()
                }
                begin()
                if plan.isOver { group.cancelAll() }
            }
        }
        for index in plan.waiting { ended(HostAnswer(host: routes[index].host, result: nil)) }
    }

    /// Whoever answers neither in this time nor in the next keeps no other host from being begun.
    private static let patience: Duration = .milliseconds(60)

    private func pauseBeforeLooking<Answer>() async -> Event<Answer> {
        // Cut short when nobody has to be waited for any more.
        try? await Task.sleep(for: Self.patience)
        return .timeToLook
    }

    private func connect<Answer>(_ index: Int) async -> Event<Answer> {
        let start = ContinuousClock.now
        do throws(TransportError) {
            let transport = try await dialer.transport(to: routes[index])
            return .connected(index, Connection(transport: transport, time: .now - start))
        } catch {
            return .ended(HostAnswer(host: routes[index].host, result: .failure(error)), index)
        }
    }

    private func perform<Answer>(
        _ index: Int, _ connection: Connection, _ work: Work<Answer>
    ) async -> Event<Answer> {
        let start = ContinuousClock.now
        let result: Result<Answer, TransportError>
        do throws(TransportError) {
            result = .success(try await work(connection.transport, connection.time))
        } catch {
            result = .failure(error)
        }
        let elapsed = ContinuousClock.now - start
        // Thousands of connections that nobody needs any more would cost the hosts' side as much as this one.
        await connection.transport.close()
        return .ended(HostAnswer(host: routes[index].host, result: result, elapsed: elapsed), index)
    }
}

/// A plan that the fan-out changes, and that is looked at when somebody says stop.
private final class SharedPlan: Sendable {
    private let plan: Mutex<FanOutPlan>

    init(_ plan: FanOutPlan) { self.plan = Mutex(plan) }

    var states: [FanOutPlan.State] { plan.withLock { $0.states } }

    var waiting: [Int] { plan.withLock { plan in plan.states.indices.filter { plan.states[$0] == .waiting } } }

    /// What becomes of a host that is connected.
    enum Step { case work, wait, leave }

    var listens: Bool { plan.withLock(\.listens) }

    /// Whether nothing is left to wait for.
    var isOver: Bool { plan.withLock(\.isOver) }

    func look() { plan.withLock { $0.look() } }

    func next(unless stop: StopSignal) -> Range<Int> {
        plan.withLock { plan in
            Self.heed(stop, &plan)
            return plan.next()
        }
    }

    func nextReady(unless stop: StopSignal) -> (host: Int, step: Step)? {
        plan.withLock { plan in
            Self.heed(stop, &plan)
            return plan.nextReady().map { ($0, Self.step(of: $0, &plan)) }
        }
    }

    func connected(_ host: Int, unless stop: StopSignal) -> Step {
        plan.withLock { plan in
            Self.heed(stop, &plan)
            plan.connected(host)
            return Self.step(of: host, &plan)
        }
    }

    private static func heed(_ stop: StopSignal, _ plan: inout FanOutPlan) {
        if stop.wasRaised || Task.isCancelled { plan.stop() }
    }

    private static func step(of host: Int, _ plan: inout FanOutPlan) -> Step {
        if plan.states[host] == .ready { return .wait }
        if plan.leavesTheRest {
            plan.ended(host, failed: false)
            return .leave
        }
        return .work
    }

    func ended(_ host: Int, failed: Bool) { plan.withLock { $0.ended(host, failed: failed) } }
}
