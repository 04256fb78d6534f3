import Fleet
import Synchronization

/// A host that others are reached through.
struct JumpHostToCheck: Sendable {
    /// The way to it, with the jump hosts before it.
    let endpoint: Endpoint
    /// The hosts behind it, which the inventory is sure to have.
    var behind: [HostName]

    /// Its key is shown with those of the hosts behind it.
    func hints(of error: TransportError) -> [String] {
        guard let behind = behind.first else { return error.hints }
        return switch error.code {
        case .hostKeyUnknown: ["check its fingerprint and trust it: drover trust \(behind)"]
        case .hostKeyMismatch:
            ["someone may be listening in; if it was rebuilt, replace the old key: drover trust --replace \(behind)"]
        default: error.hints
        }
    }
}

/// Looks at many hosts: first at those that others are reached through, the nearest ones first, each once.
final class FleetCheckup: Sendable {
    private struct State {
        var jumps: [(endpoint: Endpoint, checkup: HostCheckup)] = []
        var hosts: [Int: HostCheckup] = [:]
    }

    private let endpoints: [Endpoint]
    private let preflight: Preflight
    /// How many are looked at at once.
    private let width: Int
    private let terminal: Terminal
    private let state = Mutex(State())

    init(_ endpoints: [Endpoint], _ preflight: Preflight, width: Int, _ terminal: Terminal) {
        (self.endpoints, self.preflight, self.width, self.terminal) = (endpoints, preflight, width, terminal)
    }

    /// What is known by now, jump hosts first.
    var checkups: [HostCheckup] {
        state.withLock { state in
            state.jumps.map(\.checkup) + endpoints.indices.compactMap { state.hosts[$0] }
        }
    }

    /// The hosts of which nothing is known yet.
    var unseen: [HostName] {
        state.withLock { state in endpoints.indices.filter { state.hosts[$0] == nil }.map { endpoints[$0].host } }
    }

    /// Looks at all of them; when its task is cancelled, at no more.
    func run() async {
        let completed = await completed()
        var depth = 0
        while case let jumps = jumps(in: completed.map(\.endpoint), at: depth), !jumps.isEmpty {
            await each(jumps) { await self.look(at: $0) }
            depth += 1
        }
        await each(completed) { await self.look(at: $0.endpoint, $0.index) }
    }

    // MARK: The way

    private typealias Numbered = (index: Int, endpoint: Endpoint)

    /// The endpoints with the user's own settings; what can't be honoured of those is told.
    private func completed() async -> [Numbered] {
        let found = Mutex([Int: Endpoint]())
        await each(Array(endpoints.indices)) { [endpoints, preflight] index in
            do throws(TransportError) {
                let endpoint = try await Composition.completed(endpoints[index], by: preflight.connector)
                found.withLock { $0[index] = endpoint }
            } catch {
                var checkup = HostCheckup(host: endpoints[index].host)
                checkup.add(.way, faulty: error)
                self.end(checkup, index)
            }
        }
        let all = found.withLock(\.self)
        return endpoints.indices.compactMap { index in all[index].map { (index, $0) } }
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
        terminal.show(progress: "\(done) of \(endpoints.count) hosts looked at")
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
        await withTaskGroup { group in
            var rest = items[...]
            for item in rest.prefix(width) { group.addTask { await work(item) } }
            rest = rest.dropFirst(width)
            while await group.next() != nil {
                guard !Task.isCancelled, let item = rest.popFirst() else { continue }
                group.addTask { await work(item) }
            }
        }
    }
}
