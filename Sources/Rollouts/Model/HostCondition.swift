public import Fleet

/// How a host's service does, as the host itself answers.
public struct HostCondition: Hashable, Sendable, Codable {
    /// A systemd unit, in systemd's own words.
    public struct Unit: Hashable, Sendable, Codable {
        /// Its name.
        public var name: String
        /// Such as `active`, `activating` or `failed`; empty when systemd did not say.
        public var state: String
        /// Such as `simple` or `oneshot`; `nil` for units that are no services.
        public var type: String?
        /// How it ended the last time, such as `success` or `exit-code`.
        public var result: String?
        /// How often systemd has restarted it by itself since it was started; `nil` where nobody counts.
        public var restarts: Int?

        /// A unit in `state`.
        public init(
            _ name: String, state: String = "active", type: String? = nil, result: String? = nil, restarts: Int? = nil
        ) {
            self.name = name
            self.state = state
            self.type = type
            self.result = result
            self.restarts = restarts
        }

        /// Whether it does what it is for: it runs, or has done its one task.
        public var isFine: Bool {
            if ["active", "reloading", "refreshing"].contains(state) { return true }
            return type == "oneshot" && (state == "activating" || (state == "inactive" && result == "success"))
        }
    }

    /// The release that is current; `nil` without one.
    public var release: ReleaseID?
    /// The service's units, in the order of drover.yml.
    public var units: [Unit]
    /// Whether the service passed its check when it was asked on the host.
    public var isHealthy: Bool
    /// What it answered, in one line.
    public var answer: String
    /// The units' last lines, when something is wrong.
    public var detail: [String]

    /// What a host answered.
    public init(
        release: ReleaseID?, units: [Unit] = [], isHealthy: Bool, answer: String, detail: [String] = []
    ) {
        self.release = release
        self.units = units
        self.isHealthy = isHealthy
        self.answer = answer
        self.detail = detail
    }
}

extension HostCondition {
    /// Why `host` is not what it should be; `nil` when it is.
    ///
    /// - Parameters:
    ///   - release: What it should run; `nil` leaves that open.
    ///   - earlier: How it was when it was checked: no unit may have been restarted by systemd since.
    ///   - everyUnit: Whether all units must run, beside the service's own answer.
    public func objection(
        _ host: HostName, release expected: ReleaseID?, since earlier: Self? = nil, everyUnit: Bool = true
    ) -> RolloutError? {
        if let expected, release != expected {
            return RolloutError(
                .reverted, host: host, release.map { "runs release \($0)" } ?? "has no release any more")
        }
        let troubles = everyUnit ? units.compactMap { trouble(of: $0, since: earlier) } : []
        if let trouble = troubles.first { return RolloutError(.unhealthy, host: host, trouble, detail: detail) }
        if isHealthy { return nil }
        return RolloutError(.unhealthy, host: host, "the service answers: \(answer)", detail: detail)
    }

    /// The condition with `mask` applied to what the host said.
    func masked(_ mask: (String) -> String) -> Self {
        var condition = self
        condition.answer = mask(answer)
        condition.detail = detail.map(mask)
        return condition
    }

    private func trouble(of unit: Unit, since earlier: Self?) -> String? {
        let before = earlier?.units.first { $0.name == unit.name }?.restarts
        if let before, let now = unit.restarts, now > max(0, before) {
            let count = now - max(0, before)
            let times = count == 1 ? "once" : "\(count) times"
            return "\(unit.name) ended and was restarted by systemd \(times) since it was checked"
        }
        if unit.isFine { return nil }
        return "\(unit.name) is \(unit.state.isEmpty ? "unknown to systemd" : unit.state)"
    }
}
