public import Fleet
public import Inventories
import Synchronization

/// Looks at many hosts: first at those that others are reached through, the nearest ones first, each once.
public final class FleetCheckup: Sendable {
    private struct State {
        var jumps: [(endpoint: Endpoint, checkup: HostCheckup)] = []
        var hosts: [Int: HostCheckup] = [:]
    }

    private let routes: [Route]
    private let preflight: Preflight
    /// How many are begun with at once.
    private let most: Int
    private let ended: @Sendable (Int) -> Void
    private let state = Mutex(State())

    /// A look at the hosts of `routes` that has not begun.
    ///
    /// - Parameters:
    ///   - server: What can be learnt of the way to a host beside the connections that `dialer` makes.
    ///   - privileges: Whose rights are to be tried beside the login user's, host by host.
    ///   - width: How many are logged in to at once.
    ///   - most: How many are begun with at once.
    ///   - ended: Told how many hosts have been looked at, jump hosts not counted.
    public init(
        _ routes: [Route], over dialer: Dialer, _ server: any ServerInspecting, privileges: [HostName: Privilege],
        width: Int, most: Int, ended: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        (self.routes, self.most, self.ended) = (routes, most, ended)
        preflight = Preflight(
            dialer: dialer, server: server, privileges: privileges, places: AsyncSemaphore(width))
    }

    /// What is known by now, jump hosts first.
    public var checkups: [HostCheckup] {
        state.withLock { state in
            state.jumps.map(\.checkup) + routes.indices.compactMap { state.hosts[$0] }
        }
    }

    /// The hosts of which nothing is known yet.
    public var unseen: [HostName] {
        state.withLock { state in routes.indices.filter { state.hosts[$0] == nil }.map { routes[$0].host } }
    }

    /// Looks at all of them; when its task is cancelled, at no more.
    public func run() async {
        let endpoints = await endpoints()
        var depth = 0
        while case let jumps = jumps(in: endpoints.map(\.endpoint), at: depth), !jumps.isEmpty {
            await each(jumps) { await self.look(at: $0) }
            depth += 1
        }
        await each(endpoints) { await self.look(at: $0.endpoint, $0.index) }
    }

    // MARK: The way

    private typealias Numbered = (index: Int, endpoint: Endpoint)

    /// Where the routes end; what can't be honoured of the user's own settings is told.
    private func endpoints() async -> [Numbered] {
        let found = Mutex([Int: Endpoint]())
        await each(Array(routes.indices)) { [routes, preflight] index in
            do throws(TransportError) {
                let endpoint = try await preflight.dialer.resolver.endpoint(for: routes[index])
                found.withLock { $0[index] = endpoint }
            } catch {
                var checkup = HostCheckup(host: routes[index].host)
                checkup.add(.way, faulty: error)
                self.end(checkup, index)
            }
        }
        let all = found.withLock(\.self)
        return routes.indices.compactMap { index in all[index].map { (index, $0) } }
    }

    private func jumps(in endpoints: [Endpoint], at depth: Int) -> [JumpHostToCheck] {
        var places: [Endpoint: Int] = [:]
        var jumps: [JumpHostToCheck] = []
        for target in endpoints where target.connection == .ssh && target.jumps.count > depth {
            var jump = target.jumps[depth]
            jump.jumps = Array(target.jumps[..<depth])
            if let place = places[jump] {
                jumps[place].behind.append(target.host)
            } else {
                places[jump] = jumps.count
                jumps.append(JumpHostToCheck(endpoint: jump, behind: [target.host]))
            }
        }
        return jumps
    }

    private func look(at jump: JumpHostToCheck) async {
        let blocked = blocked(jump.endpoint, behind: jump.behind)
        let checkup = if let blocked { blocked } else { await preflight.checkup(jump) }
        guard !Task.isCancelled else { return }
        state.withLock { $0.jumps.append((jump.endpoint, checkup)) }
    }

    private func look(at endpoint: Endpoint, _ index: Int) async {
        let blocked = blocked(endpoint)
        let checkup = if let blocked { blocked } else { await preflight.checkup(endpoint) }
        // What was cut short is nothing that was found.
        guard !Task.isCancelled else { return }
        end(checkup, index)
    }

    private func end(_ checkup: HostCheckup, _ index: Int) {
        let done = state.withLock { state in
            state.hosts[index] = checkup
            return state.hosts.count
        }
        ended(done)
    }

    /// What is said of a host that can't be looked at because one before it is faulty.
    private func blocked(_ endpoint: Endpoint, behind: [HostName] = []) -> HostCheckup? {
        let faulty = state.withLock { state in
            endpoint.jumps.indices.firstIndex { index in
                var jump = endpoint.jumps[index]
                jump.jumps = Array(endpoint.jumps[..<index])
                return state.jumps.contains { $0.endpoint == jump && !$0.checkup.isHealthy }
            }
        }
        guard let faulty else { return nil }
        var checkup = HostCheckup(
            host: endpoint.host, through: endpoint.jumps.map(\.host), behind: behind)
        checkup.add(.way, .faulty, "not looked at: jump host \(endpoint.jumps[faulty].host) is faulty")
        return checkup
    }

    /// Does `work` for every item, a limited number at once, until the task is cancelled.
    private func each<Item: Sendable>(_ items: [Item], _ work: @escaping @Sendable (Item) async -> Void) async {
        await forEachBounded(items, atOnce: most) { if !Task.isCancelled { await work($0) } }
    }
}
