import Fleet
import Rollouts

/// How a stage's rollout stands, as programs read it.
struct RolloutAnswer: SchemaDocument, Equatable {
    struct Batch: Encodable, Equatable {
        let hosts: [HostName]
        let isCanary: Bool
        let findings: [GateReport.Finding]?
    }

    struct Failure: Encodable, Equatable {
        let host: HostName
        let isUnreachable: Bool
        let message: String
    }

    let stage: String
    let state: String
    let run: RunID?
    let kind: String?
    let build: BuildDigest?
    let buildName: String?
    let begunBy: String?
    let begunAt: String?
    let outcome: String?
    let driver: String?
    let batches: [Batch]
    let done: [HostName]
    let inHand: [HostName]
    let untouched: [HostName]
    let failed: [Failure]
    let isGoingBack: Bool
    let setback: String?
    let pausedBy: String?
    let reason: String?
    let progressDeadline: Double?
    let quietFor: Int64?
    let next: [String]

    /// What no stage without a rollout has.
    static let none = "none"

    init(_ standing: RolloutStanding?, stage: String) {
        self.stage = stage
        let (run, progress) = (standing?.run, standing?.progress)
        state = standing?.state.rawValue ?? Self.none
        self.run = run?.id
        kind = run?.kind.description
        build = run?.build
        buildName = standing?.buildName
        begunBy = run?.holder
        begunAt = run?.startedAt.description
        outcome = run?.outcome?.description
        driver = standing?.driver?.holder
        batches = (progress?.batches ?? []).map { Batch(hosts: $0.hosts, isCanary: $0.isCanary, findings: $0.findings) }
        done = progress?.done ?? []
        inHand = progress?.inHand ?? []
        untouched = progress?.untouched ?? []
        failed = (progress?.failed ?? []).map {
            Failure(host: $0.host, isUnreachable: $0.isUnreachable, message: $0.message)
        }
        isGoingBack = progress?.isGoingBack ?? false
        setback = progress?.setback
        pausedBy = progress?.hold?.by
        reason = progress?.hold?.reason
        let isRunning = standing?.state == .running
        progressDeadline = isRunning ? standing?.plan?.policy.progressDeadline.map { $0 / .seconds(1) } : nil
        let quiet = standing.flatMap { standing in progress.map { standing.at - $0.lastProgressAt } }
        quietFor = isRunning ? quiet.map { max(0, $0.wholeMilliseconds / 1000) } : nil
        next = Self.steps(standing, stage)
    }

    private static func steps(_ standing: RolloutStanding?, _ stage: String) -> [String] {
        switch standing?.state {
        case .running?:
            standing?.progress?.isGoingBack == true
                ? [] : ["drover rollout pause \(stage)", "drover rollout abort \(stage)"]
        case .waiting?: ["drover rollout approve \(stage)", "drover rollout abort \(stage)"]
        case .paused?, .stopped?, .interrupted?: ["drover rollout resume \(stage)", "drover rollout abort \(stage)"]
        case .ended?, nil: []
        }
    }

    var isUnderWay: Bool { state != Self.none && state != RolloutStanding.State.ended.rawValue }

    /// Whether nothing has changed but the time.
    func isSame(_ other: RolloutAnswer) -> Bool {
        (stage, state, run, outcome, driver) == (other.stage, other.state, other.run, other.outcome, other.driver)
            && (batches, failed, setback) == (other.batches, other.failed, other.setback)
            && (done, inHand, untouched) == (other.done, other.inHand, other.untouched)
    }
}

extension RolloutAnswer {
    /// For people.
    var lines: [String] {
        guard let run, let kind else { return ["\(stage): no rollout yet"] }
        let name = buildName.map { " (\($0))" } ?? ""
        let what = build.map { " of build \($0.release)\(name)" } ?? ""
        var lines = ["\(stage): \(kind)\(what), run \(run): \(words)"]
        if let begunBy, let begunAt { lines.append("  begun \(begunAt) by \(HistoryReport.person(begunBy))") }
        if let driver { lines.append("  driven by \(driver)") }
        if let setback { lines.append("  \(isGoingBack ? "going back" : "why"): \(setback)") }
        for (index, batch) in batches.enumerated() { lines += Self.lines(batch, index, self) }
        if !untouched.isEmpty { lines.append("  untouched: \(NodeSet.text(untouched))") }
        for failure in failed {
            lines.append(
                "  left out: \(failure.host)\(failure.isUnreachable ? " (out of reach)" : "") \(failure.message)")
        }
        if let progressDeadline, let quietFor {
            let limit = Duration.seconds(progressDeadline).inSeconds
            lines.append("  no host got further for \(quietFor) s; after \(limit) it counts as failed")
        }
        if !next.isEmpty { lines.append("next: \(next.joined(separator: ", or "))") }
        return lines
    }

    private var words: String {
        switch RolloutStanding.State(rawValue: state) {
        case .running?: isGoingBack ? "going back" : "going on"
        case .paused?:
            "paused" + (pausedBy.map { " by \(HistoryReport.person($0))" } ?? "") + (reason.map { ": \($0)" } ?? "")
        case .waiting?: "waits for approval"
        case .stopped?: "stopped by a failure, for a person to go on"
        case .interrupted?: "interrupted, nobody drives it"
        case .ended?, nil: outcome ?? "over"
        }
    }

    private static func lines(_ batch: Batch, _ index: Int, _ answer: RolloutAnswer) -> [String] {
        let hosts = Set(batch.hosts)
        let (done, inHand) = (hosts.intersection(answer.done), hosts.intersection(answer.inHand))
        let state = inHand.isEmpty ? "done" : "\(inHand.count) of \(hosts.count) in hand"
        let isOver = done.isEmpty && inHand.isEmpty
        let name = batch.isCanary ? "canary" : "batch"
        return ["  \(index + 1) \(name): \(NodeSet.text(batch.hosts)), \(isOver ? "not done" : state)"]
            + (batch.findings ?? []).map { "      gate \($0.gate): \($0.verdict.rawValue) (\($0.reason))" }
    }
}

extension RolloutAnswer {
    static let schema = DocumentSchema(
        "rolloutStatus", "How a stage's rollout stands",
        [
            .always("stage", .text, "the stage"),
            .always(
                "state", .word(RolloutStanding.State.allCases.map(\.rawValue) + [none]),
                "what it does; `ended` of the last one, `none` where there was none"),
            .maybe("run", .integer, "its number in the journal here"),
            .maybe("kind", .text, "`rollout`, `promotion` or `rollback`"),
            .maybe("build", .text, "the build's digest"),
            .maybe("buildName", .text, "what people call it"),
            .maybe("begunBy", .text, "who began it"),
            .maybe("begunAt", .time, "when"),
            .maybe("outcome", .text, "how it ended, as in `drover.run/1`"),
            .maybe("driver", .text, "who drives it just now"),
            .always(
                "batches",
                .list(
                    .object([
                        .always("hosts", .list(.text), "its hosts"),
                        .always("isCanary", .flag, "whether it is the canary"),
                        .maybe(
                            "findings", .list(.object(RolloutSchema.finding)), "what gates found, once they were asked"),
                    ])), "the batches so far"),
            .always("done", .list(.text), "hosts that nothing is left to be done for"),
            .always("inHand", .list(.text), "hosts that are being changed"),
            .always("untouched", .list(.text), "hosts that nothing was done to yet"),
            .always(
                "failed",
                .list(
                    .object([
                        .always("host", .text, "the host"),
                        .always("isUnreachable", .flag, "whether it could not be talked to"),
                        .always("message", .text, "why"),
                    ])), "hosts that failed and are left out"),
            .always("isGoingBack", .flag, "whether every changed host goes back"),
            .maybe("setback", .text, "why it goes back, or stopped"),
            .maybe("pausedBy", .text, "who paused it"),
            .maybe("reason", .text, "why they did"),
            .maybe("progressDeadline", .number, "for how many seconds no host may get further"),
            .maybe("quietFor", .integer, "for how many seconds none has"),
            .always("next", .list(.text), "commands to type next"),
        ])
}
