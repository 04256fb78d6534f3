public import Fleet

/// Moves traffic with nginx: by the pool's file, which it reads again for every change.
///
/// Open-source nginx has no checks of its own, no counters of a member and no command to drain one. A member is asked from the
/// balancer itself before it gets requests; one that leaves is `down` in the file, and is done once no worker that ran the file
/// before takes requests and no connection to it is left, as the balancer's kernel counts them.
public struct NginxTraffic: TrafficControl, BalancerGroup {
    /// The pool as desired.
    public let pool: Pool
    let balancers: [Balancer]
    let consoles: [HostName: NginxConsole]
    let timings: NginxTimings
    let clock: any Clock<Duration>
    var poll: Duration { timings.poll }
    let absentees: Absentees

    /// The traffic of `pool` over `balancers`.
    /// - Parameters:
    ///   - privilege: Whose rights reach the files and the service.
    ///   - fence: What every change passes on every balancer; `nil` lets all through.
    ///   - returning: Balancers that were left out earlier, with the reason.
    /// - Throws: ``InputError`` when the pool cannot be written as nginx's.
    public init(
        pool: Pool, balancers: [Balancer], installation: NginxInstallation = NginxInstallation(),
        timings: NginxTimings = NginxTimings(), privilege: Privilege = .root, fence: BalancerFence? = nil,
        returning: [HostName: String] = [:], clock: any Clock<Duration> = ContinuousClock()
    ) throws(InputError) {
        try UpstreamRules.check(pool)
        self.pool = pool
        self.balancers = balancers
        self.timings = timings
        self.clock = clock
        absentees = Absentees(of: balancers, returning: returning)
        consoles = balancers.reduce(into: [:]) { consoles, balancer in
            guard case .over(let transport) = balancer.reach else { return }
            consoles[balancer.host] = NginxConsole(
                transport: transport, pool: pool, installation: installation, timings: timings, privilege: privilege,
                fence: fence, clock: clock)
        }
    }

    // MARK: asking

    /// Asks every balancer, and each member from it; see ``TrafficControl``.
    public func observe() async -> [BalancerView] {
        await views { console throws(TrafficError) in try await view(console) }
    }

    private func view(_ console: NginxConsole) async throws(TrafficError) -> BalancerView {
        let reading = try await console.readFile()
        let file = reading.file
        let status = try await console.status(file.members)
        let answers = try await console.trial(status.servers.filter { !$0.isDown }.map(\.member))
        let running = status.servers.map { server in
            let (member, said) = (server.member, answers[server.member.host])
            let sessions = status.sessions(member)
            let out: RunningMember.State = sessions > 0 ? .draining : .maintenance
            return RunningMember(
                host: member.host, address: member.address, port: member.port,
                state: server.isDown ? out : said == nil ? .up : .down, sessions: sessions,
                check: said.map { "GET \(pool.check.path): \($0)" } ?? "")
        }
        let wanted = UpstreamFile(pool, servers: file.servers)
        var view = BalancerView(
            balancer: console.host, running: running, configured: file.members,
            isEstablished: file.settings == wanted.settings && status.fingerprint == wanted.fingerprint)
        view.disabled = Set(file.servers.filter(\.isDown).map(\.member.host))
        if file.settings == wanted.settings { view.check = pool.check }
        if !view.isEstablished {
            view.fileChange = PoolFileChange(path: pool.configFile, before: reading.text, after: wanted.text)
        }
        return view
    }

    /// What each balancer that answers would be told; see ``TrafficControl``.
    public func rehearse(_ steps: [PoolStep]) async -> [PoolRehearsal] {
        // One that does not answer is told of by whoever looks at the pool.
        await answers { console throws(TrafficError) in
            let file = UpstreamFile(pool, servers: try await console.readFile().file.servers)
            var rehearsal = UpstreamRehearsal(file, check: pool.check, unit: console.installation.unit)
            for step in steps { rehearsal.take(step) }
            let change = PoolFileChange(path: pool.configFile, before: file.text, after: rehearsal.file.text)
            return PoolRehearsal(
                balancer: console.host, inService: UpstreamRehearsal.inService(file), parts: rehearsal.parts,
                file: change.before == change.after ? nil : change)
        }
    }

    /// Asks the member from every balancer; see ``TrafficControl``.
    public func probe(_ member: PoolMember) async throws(TrafficError) {
        try await everywhere(try reachable(), "it passes") { console throws(TrafficError) in
            guard let said = try await console.trial([member])[member.host] else { return }
            throw console.failure(
                .unhealthy, "GET \(pool.check.path) at \(member.address):\(member.port) gives \(said)")
        }
    }

    // MARK: settings

    /// Makes the file's settings what the pool wants, one balancer after the other; see ``TrafficControl``. No check is among
    /// them: nginx has none.
    public func establish() async throws(TrafficError) {
        for console in try reachable() {
            try await console.bring { [pool] file in UpstreamFile(pool, servers: file.servers) }
        }
    }

    /// The same where nobody gets traffic; see ``TrafficControl``.
    public func establishWhereEmpty() async throws(TrafficError) {
        for console in try reachable() where try await console.status().servers.isEmpty {
            try await console.bring { [pool] file in UpstreamFile(pool, servers: file.servers) }
        }
    }
}

/// What a pool must be like to be written into nginx's files.
enum UpstreamRules {
    /// - Throws: ``InputError`` saying what is wrong, before any balancer is asked.
    static func check(_ pool: Pool) throws(InputError) {
        let isPlain = pool.name.utf8.allSatisfy { byte in
            Hex.value(of: byte) != nil || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || "._-".utf8.contains(byte)
        }
        guard !pool.name.isEmpty, isPlain else {
            throw InputError(
                "pool name '\(pool.name)' has a character that no upstream of nginx has",
                hints: ["use letters, digits, '.', '_' and '-'"])
        }
        guard pool.configFile.hasPrefix("/"), pool.configFile.hasSuffix(".conf") else {
            throw InputError(
                "pool file '\(pool.configFile)' must be an absolute path that ends in .conf, or nginx leaves it out")
        }
        for member in pool.members { try PoolRules.check(member) }
        try refuseUnknownTraffic(pool.traffic)
        let hosts = pool.members.map(\.host)
        if let twice = hosts.first(where: { host in hosts.count { $0 == host } > 1 }) {
            throw InputError("\(twice) is twice in pool \(pool.name)")
        }
    }

    /// What Drover does with HAProxy alone.
    private static func refuseUnknownTraffic(_ traffic: PoolTraffic) throws(InputError) {
        let named = [
            (traffic.mode != .http, "mode: \(traffic.mode)"),
            (traffic.balance != .leastconn, "balance: \(traffic.balance)"),
            (traffic.cookie != nil, "cookie"), (traffic.slowStart != nil, "slow_start"),
            (traffic.agent != nil, "agent"),
        ]
        guard let word = named.first(where: \.0)?.1 else { return }
        throw InputError(
            "'\(word)' of the pool is not there with nginx", hints: ["leave it out, or use HAProxy: driver: haproxy"])
    }
}

/// Goes through steps without doing them. Pure.
struct UpstreamRehearsal {
    private(set) var file: UpstreamFile
    private(set) var parts: [PoolRehearsal.Part] = []
    private let check: Pool.Check
    private let unit: String

    init(_ file: UpstreamFile, check: Pool.Check, unit: String) {
        (self.file, self.check, self.unit) = (file, check, unit)
    }

    /// Members that get requests, each machine once.
    static func inService(_ file: UpstreamFile) -> Int {
        Set(file.servers.filter { !$0.isDown }.map { ServerAddress(address: $0.member.address, port: $0.member.port) })
            .count
    }

    /// Goes through one step.
    mutating func take(_ step: PoolStep) {
        let before = file
        var least = Self.inService(file)
        var said: [String] = []
        switch step {
        case .admit(let member):
            file = file.adding(member)
            said = [asking(member), reload]
        case .update(let member):
            least = Self.inService(file.disabling(member.host))
            file = file.adding(member)
            said =
                (before.members.contains(member) ? ["\(member.host): down; \(reload)"] : []) + [asking(member), reload]
        case .remove(let host):
            file = file.removing(host)
            said = ["\(host): down; \(reload)", "\(host): out of the file; \(reload)"]
        case .rename(let old, let member):
            file = file.renaming(old, to: member)
            said = [asking(member), reload]
        }
        guard file != before || said.count > 2 else { return }
        let after = Self.inService(file)
        parts.append(PoolRehearsal.Part(step: step, commands: said, least: min(least, after), after: after))
    }

    private func asking(_ member: PoolMember) -> String {
        "\(member.host): GET \(check.path) at \(ServerAddress(address: member.address, port: member.port)), asked from here"
    }

    private var reload: String { "systemctl reload \(unit)" }
}
