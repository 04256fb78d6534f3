import AdHoc
import Fleet
import Sampling

/// What became of a host's agent, as programs read it.
struct AgentAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "agent", "What became of a host's agent",
        [
            .always("host", .text, "the host"),
            .always("outcome", .word(Outcome.self), "what became of it"),
            .maybe("agentVersion", .text, "the version that is there now"),
            .maybe("before", .text, "the version that was there before"),
            .maybe("error", .text, "why it failed, for people"),
        ])

    enum Outcome: String, CaseIterable, Encodable, Sendable {
        case installed, upgraded, changed, unchanged, removed, absent, failed, leftOut
    }

    let host: HostName
    let outcome: Outcome
    var agentVersion: String?
    var before: String?
    var error: String?

    /// What installing came to.
    init(_ answer: HostAnswer<AgentInstallation.Outcome>) {
        host = answer.host
        switch answer.result {
        case .success(let done):
            (agentVersion, before) = (done.version, done.before)
            outcome =
                done.before == nil
                ? .installed : done.before != done.version ? .upgraded : done.hasChanged ? .changed : .unchanged
        case .failure(let failure): (outcome, error) = (.failed, failure.message)
        case nil: outcome = .leftOut
        }
    }

    /// What removing came to.
    init(removed answer: HostAnswer<Bool>) {
        host = answer.host
        switch answer.result {
        case .success(let wasThere): outcome = wasThere ? .removed : .absent
        case .failure(let failure): (outcome, error) = (.failed, failure.message)
        case nil: outcome = .leftOut
        }
    }

    /// For people: `upgraded from 0.1.0 to 0.2.0`.
    var words: String {
        switch outcome {
        case .installed: "installed \(agentVersion ?? "?")"
        case .upgraded: "now \(agentVersion ?? "?"), was \(before ?? "?")"
        case .changed: "\(agentVersion ?? "?"), started anew with what changed"
        case .unchanged: "\(agentVersion ?? "?"), as it was"
        case .removed: "removed"
        case .absent: "had none"
        case .failed: "failed"
        case .leftOut: "left out"
        }
    }
}

/// How a host's agent does, as programs read it.
struct AgentStatusAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "agent-status", "How a host's agent does",
        [
            .always("host", .text, "the host"),
            .always("isReachable", .flag, "whether the host could be asked"),
            .always("isInstalled", .flag, "whether an agent is there"),
            .always("isHealthy", .flag, "whether it runs and has a sample that is not old"),
            .always("skew", .word(AgentSurvey.Skew.self), "how its version is to this program's; either is served"),
            .maybe("agentVersion", .text, "its version"),
            .maybe("state", .text, "its unit's state, in systemd's words"),
            .maybe("isEnabled", .flag, "whether it starts with the host"),
            .maybe(
                "scope", .word(["machine", "cgroup"]), "whose figures it has: a container's are its control group's"),
            .maybe("age", .number, "seconds since its last sample"),
            .maybe("weight", .integer, "what it tells balancers, in percent"),
            .maybe("samples", .integer, "how many samples it has"),
            .maybe("historyKiB", .integer, "what its history takes"),
            .maybe("error", .text, "why the host could not be asked"),
        ])

    let host: HostName
    let isReachable: Bool
    let isInstalled: Bool
    let isHealthy: Bool
    let skew: AgentSurvey.Skew
    var agentVersion: String?
    var state: String?
    var isEnabled: Bool?
    var scope: String?
    var age: Double?
    var weight: Int?
    var samples: Int?
    var historyKiB: Int?
    var error: String?

    init(_ answer: HostAnswer<AgentSurvey>) {
        host = answer.host
        let survey = answer.value
        isReachable = survey != nil
        isInstalled = survey?.isInstalled ?? false
        isHealthy = survey.map { $0.isInstalled && $0.state == "active" && $0.isHealthy ?? true } ?? false
        skew = survey?.skew() ?? .unknown
        if case .failure(let failure) = answer.result { error = failure.message }
        if answer.result == nil { error = "stopped before" }
        guard let survey, survey.isInstalled else { return }
        (agentVersion, state, isEnabled) = (survey.version, survey.state, survey.isEnabled)
        (scope, age, weight, samples) = (survey.scope, survey.age, survey.weight, survey.samples)
        historyKiB = survey.historyKiB
    }

    /// The cells of its row in a table.
    var cells: [String] {
        guard isReachable else { return [host.description, "?", "-", "-", "-", "-", "-"] }
        guard isInstalled else { return [host.description, "none", "-", "-", "-", "-", "-"] }
        let shown =
            switch skew {
            case .same, .unknown: agentVersion ?? "?"
            case .older: "\(agentVersion ?? "?") (older)"
            case .newer: "\(agentVersion ?? "?") (newer)"
            }
        return [
            host.description, word, shown, age.map { "\(Int(min(max($0, 0), 1e9))) s" } ?? "-",
            weight.map { "\($0) %" } ?? "-", samples.map(String.init) ?? "-",
            historyKiB.map { ByteCount($0 * 1024).description } ?? "-",
        ]
    }

    private var word: String {
        if state != "active" { return state ?? "?" }
        return isHealthy ? (isEnabled == true ? "up" : "up, not at boot") : "up, no samples"
    }
}
