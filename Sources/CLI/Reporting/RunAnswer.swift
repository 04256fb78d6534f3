import Fleet

/// A run as programs read it.
struct RunAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "run", "Something that was done to a stage",
        [
            .always("run", .integer, "its number, which `drover history --run` takes"),
            .always("stage", .text, "the stage"),
            .always(
                "kind", .text,
                "`rollout`, `promotion`, `rollback`, `apply`, `provisioning`, `restart`, `stop`, `start`, `lock-release`, "
                    + "`lock-forced`, `drain`, `undrain`, `weight`, `maintenance-on`, `maintenance-off`; newer versions may have others"
            ),
            .maybe("build", .text, "digest of the build that it brought"),
            .maybe("buildName", .text, "what people call that, where the journal here knows"),
            .always("holder", .text, "who did it, as `user@machine:process`"),
            .always("startedAt", .time, "when it began"),
            .maybe("endedAt", .time, "when it ended; absent while it runs, or when its controller was killed"),
            .maybe(
                "outcome", .text,
                "`succeeded`, `failed`, `rolled-back`, `rollback-failed`, `superseded`; newer versions may have others"),
            .maybe("reason", .text, "why, where something went wrong and the journal here knows"),
        ])

    let run: RunID
    let stage: String
    let kind: String
    let build: BuildDigest?
    let buildName: String?
    let holder: String
    let startedAt: String
    let endedAt: String?
    let outcome: String?
    /// Why it ended so, where something went wrong and the journal here knows.
    let reason: String?

    init(_ record: RunRecord, reason: String? = nil, names: [BuildDigest: String] = [:]) {
        self.reason = reason
        buildName = record.build.flatMap { names[$0.file] }
        run = record.id
        stage = record.stage
        kind = record.kind.description
        build = record.build
        holder = record.holder
        startedAt = record.startedAt.description
        endedAt = record.endedAt?.description
        outcome = record.outcome?.description
    }
}
