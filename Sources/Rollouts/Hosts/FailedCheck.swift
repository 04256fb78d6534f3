import Fleet

/// Why a service did not become healthy on its own host: what the probe was answered, how the units are, and their last lines.
struct FailedCheck: Hashable, Sendable {
    /// What was asked, and for how long.
    private let probe: HealthScript
    /// The unit that failed, which ended the wait.
    let failedUnit: String?
    /// The first line of the last answer.
    let answer: String
    /// What else the service answered, and what its units wrote last.
    let detail: [String]

    /// Reads what ``HealthScript`` printed when it ended with another status than 0.
    init(parsing result: CommandResult, of probe: HealthScript) {
        self.probe = probe
        var lines = result.text.lines[...]
        failedUnit = result.status == HealthScript.unitFailed ? lines.popFirst() : nil
        answer = lines.popFirst() ?? "nothing"
        detail = lines.suffix(24)
    }

    /// As an error of `host`, with what to do about it.
    func error(on host: HostName, _ layout: ReleaseLayout) -> RolloutError {
        let what = failedUnit.map { "\($0) has failed" } ?? "not healthy after \(probe.seconds) s"
        return RolloutError(
            .unhealthy, host: host, "\(what): \(probe.question) gives \(answer)", detail: detail,
            hints: [hint, layout.logHint(host)].compactMap(\.self))
    }

    private var hint: String? {
        let place = "\(probe.address):\(probe.port)"
        if failedUnit != nil { return "why it failed is in its last lines above" }
        if answer.hasPrefix("connect to") {
            return "nothing listens at \(place): is that the port the service is set to?"
        }
        if answer.hasPrefix("no answer") {
            return "it takes connections at \(place), and does not answer: what does it wait for?"
        }
        guard answer.prefix(3).allSatisfy(\.isNumber) else { return nil }
        let (least, most) = (probe.expect.lowerBound, probe.expect.upperBound)
        let expected = least == most ? "\(least)" : "\(least)-\(most)"
        return "it is healthy when \(probe.question) gives \(expected) (check: in the service's file)"
    }
}
