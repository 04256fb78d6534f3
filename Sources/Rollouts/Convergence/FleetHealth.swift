public import Fleet

/// How a stage does, from what its hosts and balancers answered. Reads no clock, does no I/O.
public struct FleetHealth: Hashable, Sendable {
    /// How the stage is, as a whole; later is worse.
    public enum State: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
        /// Every member serves, and nothing is odd.
        case up
        /// There is nothing yet that members could run.
        case noBuild
        /// Something is wrong, and enough members serve.
        case degraded
        /// Some balancer has fewer members in service than must be.
        case belowMinimum
        /// No balancer has a member in service, or none can be asked.
        case down

        /// Orders by how bad it is.
        public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// A host of the pool, or one that balancers have and the inventory does not.
    public struct Host: Hashable, Sendable {
        /// How it is, in one word; later is worse.
        public enum State: String, Hashable, Sendable, Codable, Comparable, CaseIterable {
            /// It gets traffic everywhere, and nothing is odd.
            case up
            /// It gets traffic everywhere, and something is wrong on it.
            case odd
            /// It gets traffic everywhere, and does not answer.
            case unasked
            /// It is there by no wish of the inventory.
            case left
            /// It answers, and no balancer does.
            case unknown
            /// Some balancer sends it nothing, and some does.
            case partly
            /// No balancer sends it anything.
            case out
            /// No balancer sends it anything, and it does not answer.
            case off

            /// Orders by how bad it is.
            public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
            private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        }

        /// The host.
        public var host: HostName
        /// How it is.
        public var state: State
        /// What it runs, as far as it answered.
        public var release: ReleaseID?
        /// Its units, in systemd's words.
        public var units: [String: String]
        /// What each balancer that answered does with it; `nil` for one that does not have it.
        public var balancers: [HostName: RunningMember.State?]
        /// Who stopped its units by hand, where they are out of service since.
        public var stopped: UnitStop?
        /// What is wrong with it.
        public var remarks: [String]
        /// Who took it out of rotation by hand.
        public var keptOut: KeptOut?
        /// The tiers it is in; none where the service has one pool.
        public var tiers: [String] = []
    }

    /// Something that is wrong.
    public struct Problem: Hashable, Sendable {
        /// The host or balancer.
        public var subject: HostName
        /// One lower-case sentence.
        public var message: String

        /// That something is wrong with `subject`.
        public init(_ subject: HostName, _ message: String) { (self.subject, self.message) = (subject, message) }
    }

    /// How the stage is.
    public var state: State
    /// How many members each balancer that answered has in service.
    public var inService: [HostName: Int]
    /// How many members there are.
    public var members: Int
    /// How many must be in service.
    public var minimum: Int
    /// The hosts, worst first.
    public var hosts: [Host]
    /// Balancers that cannot be asked, with the reason.
    public var silentBalancers: [HostName: String]
    /// What is wrong, worst first.
    public var problems: [Problem]
    /// How each tier does; none where the service has one pool.
    public var tiers: [TierCount] = []

    /// Whether the operator has to come: too few members serve, or a balancer cannot be asked.
    public var isAlarming: Bool { state >= .belowMinimum || !silentBalancers.isEmpty }

    /// Members in service on the balancer that has the fewest; of all tiers, where there are several.
    public var fewest: Int {
        tiers.isEmpty ? inService.values.min() ?? 0 : tiers.reduce(0) { $0 + $1.inService }
    }

    /// - Parameters:
    ///   - build: What the stage should run; `nil` when nobody has said so yet.
    ///   - unverified: Hosts that did not answer and that balancers may not have missed yet: they count as out.
    public init(
        _ pool: Pool, build: ReleaseID?, policy: RolloutPolicy, sight: FleetObservation, unverified: Set<HostName> = []
    ) {
        let answered = sight.balancers.filter { $0.fault == nil }
        members = pool.members.count
        minimum = policy.floor(of: pool.members.count)
        let reading = HealthReading(pool, build, answered, sight.hosts, unverified)
        inService = Dictionary(
            answered.map { view in (view.balancer, pool.members.count { reading.isInService($0, on: view) }) },
            uniquingKeysWith: min)
        silentBalancers = [:]
        for view in sight.balancers { silentBalancers[view.balancer] = view.fault }
        hosts = reading.hosts.enumerated().sorted { ($1.element.state, $0.offset) < ($0.element.state, $1.offset) }
            .map(\.element)
        problems = silentBalancers.sorted { $0.key < $1.key }.map { Problem($0.key, "cannot be asked: \($0.value)") }
        problems += answered.filter { !$0.isEstablished }.map {
            Problem($0.balancer, "does not have the pool's settings")
        }
        problems += hosts.flatMap { host in host.remarks.map { Problem(host.host, $0) } }
        state = .up
        state = judged(isNew: build == nil && !sight.hosts.values.contains { $0.survey?.release != nil })
    }

    private func judged(isNew: Bool) -> State {
        let most = inService.values.max() ?? 0
        if most == 0 { return isNew && silentBalancers.isEmpty ? .noBuild : .down }
        if fewest < max(1, minimum) { return .belowMinimum }
        return problems.isEmpty ? .up : .degraded
    }
}

/// What is made of each host's answers.
private struct HealthReading {
    let pool: Pool
    let build: ReleaseID?
    let views: [BalancerView]
    let sights: [HostName: HostObservation]
    let unverified: Set<HostName>

    init(
        _ pool: Pool, _ build: ReleaseID?, _ views: [BalancerView], _ sights: [HostName: HostObservation],
        _ unverified: Set<HostName>
    ) {
        (self.pool, self.build, self.views, self.sights, self.unverified) = (pool, build, views, sights, unverified)
    }

    /// Under whatever name: what counts is whether requests are answered there.
    func isInService(_ member: PoolMember, on view: BalancerView) -> Bool {
        !unverified.contains(member.host)
            && view.running.contains { $0.state == .up && Machine($0) == Machine(member) }
    }

    var hosts: [FleetHealth.Host] {
        pool.members.map(host) + pool.changes(from: views).leaving.map { former($0) }
    }

    private func host(_ member: PoolMember) -> FleetHealth.Host {
        let survey = sights[member.host]?.survey
        let serving = views.count { isInService(member, on: $0) }
        let remarks = remarks(member, serving: serving)
        let isSilent = sights[member.host] != nil && survey == nil
        return FleetHealth.Host(
            host: member.host, state: state(serving, isSilent: isSilent, isOdd: !remarks.isEmpty),
            release: survey?.release, units: survey?.units ?? [:],
            balancers: isOfHosts ? [:] : states(of: member.host), stopped: serving == 0 ? survey?.stopped : nil,
            remarks: remarks, keptOut: views.keptOut(member.host))
    }

    private func state(_ serving: Int, isSilent: Bool, isOdd: Bool) -> FleetHealth.Host.State {
        if views.isEmpty { return isSilent ? .off : .unknown }
        if serving == 0 { return isSilent ? .off : .out }
        if serving < views.count { return .partly }
        if isSilent { return .unasked }
        return isOdd ? .odd : .up
    }

    private func former(_ host: HostName) -> FleetHealth.Host {
        FleetHealth.Host(
            host: host, state: .left, release: nil, units: [:], balancers: states(of: host),
            remarks: ["is on the balancers, and no member in the inventory"])
    }

    private func states(of host: HostName) -> [HostName: RunningMember.State?] {
        var states: [HostName: RunningMember.State?] = [:]
        for view in views {
            let state = view.running.first { $0.host == host }?.state
            // What a balancer has not found out yet is not told as if it were so.
            states.updateValue(state == .up && unverified.contains(host) ? .down : state, forKey: view.balancer)
        }
        return states
    }

    private func remarks(_ member: PoolMember, serving: Int) -> [String] {
        switch sights[member.host] {
        case nil: return []
        case .silent(let fault):
            if isOfHosts { return ["does not answer: \(fault.message)"] }
            let isServing = serving == views.count && !views.isEmpty
            return ["does not answer: \(fault.message)" + (isServing ? "; the balancers' checks of it pass" : "")]
        case .answered(let survey):
            if serving == 0, let stopped = survey.stopped { return remarks(on: survey, stopped) }
            // Before the first rollout there is nothing that could get traffic.
            let isExpected = build != nil || survey.release != nil
            return remarks(on: survey) + (isExpected ? remarks(onTrafficOf: member, serving) : [])
        }
    }

    /// That it is down and gets no traffic is what was asked for.
    private func remarks(on survey: HostSurvey, _ stopped: UnitStop) -> [String] {
        let running = survey.units.filter { $0.value == "active" }.keys.sorted()
        let again = running.isEmpty ? "" : "; \(running.joined(separator: ", ")) runs again, without traffic"
        return ["stopped since \(stopped.since) by \(stopped.by)\(again)"]
    }

    private func remarks(on survey: HostSurvey) -> [String] {
        var remarks = survey.units.sorted { $0.key < $1.key }.filter { $0.value != "active" && survey.release != nil }
            .map { "\($0.key) is \($0.value)" }
        if survey.isUnconfirmed {
            remarks.append(survey.goesBack ? "unconfirmed: goes back by itself" : "unconfirmed, and stays so")
        }
        if let build, let release = survey.release, release != build {
            remarks.append("runs \(release), not the stage's build")
        }
        if build != nil, survey.release == nil { remarks.append("runs no release") }
        return remarks
    }

    /// Whether no balancer has the pool, and hosts speak for themselves.
    private var isOfHosts: Bool { views.contains(where: \.isOfHosts) }

    private func remarks(onTrafficOf member: PoolMember, _ serving: Int) -> [String] {
        guard serving < views.count else { return [] }
        if let kept = views.keptOut(member.host) { return [kept.words] }
        if isOfHosts {
            let check = views.first?.running.first { $0.host == member.host }?.check ?? ""
            return ["is not in service" + (check.isEmpty ? "" : ": \(check)")]
        }
        var reasons: [(balancers: [HostName], state: String?)] = []
        for view in views where !isInService(member, on: view) {
            let state = view.running.first { $0.host == member.host }.map { running in
                running.state.rawValue
                    + (running.state == .down && !running.check.isEmpty ? " (\(running.check))" : "")
            }
            if let same = reasons.firstIndex(where: { $0.state == state }) {
                reasons[same].balancers.append(view.balancer)
            } else {
                reasons.append(([view.balancer], state))
            }
        }
        let words = reasons.map { balancers, state in
            let (names, isOne) = (balancers.map(\.description).joined(separator: ", "), balancers.count == 1)
            guard let state else { return "\(names) \(isOne ? "does" : "do") not have it" }
            return "\(names) \(isOne ? "has" : "have") it \(state)"
        }
        return ["gets no traffic: \(words.joined(separator: ", "))"]
    }
}
