import Fleet

/// What was exported or imported.
struct DumpAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "state", "What was exported or imported",
        [.always("file", .text, "the file")]
            + ["runs", "entries", "builds", "stages", "evidence", "members"].map {
                .always($0, .integer, "how many")
            })

    let file: String
    let runs, entries, builds, stages, evidence, members: Int

    init(_ dump: JournalDump, file: String) {
        self.file = file
        (runs, entries, builds) = (dump.runs.count, dump.entries.count, dump.builds.count)
        (stages, evidence, members) = (dump.stages.count, dump.evidence.count, dump.members.count)
    }
}

extension Terminal {
    /// Says what was exported or imported.
    func show(_ answer: DumpAnswer, _ verb: String, as format: OutputFormat) throws {
        switch format {
        case .json: write(json: try EncodedJSON.pretty(answer))
        case .table:
            write(
                "\(verb) \(answer.runs.of("run")) with \(answer.entries.of("line")), \(answer.builds.of("build")), "
                    + "\(answer.stages.of("stage")), \(answer.evidence.of("piece")) of evidence, "
                    + answer.members.of("member"))
        }
    }
}
