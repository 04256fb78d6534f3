import Fleet

/// What is wrong with a service's files, as programs read it.
struct CheckAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "check", "What is wrong with a service's files",
        [
            .always("count", .integer, "how many mistakes there are"),
            .always("mistakes", .list(.object(ErrorFields.fields(.error))), "each mistake"),
            .always("warnings", .list(.text), "what should be known"),
            .always("stages", .list(.text), "the stages whose hosts were looked at"),
            .always("unread", .list(.text), "stages whose inventory has to be mended first"),
        ])

    let count: Int
    let mistakes: [ErrorFields]
    let warnings: [String]
    /// The stages whose hosts were looked at.
    let stages: [String]
    /// Stages whose inventory has to be mended before their hosts can be looked at.
    let unread: [String]

    init(_ findings: ServiceCheck.Findings) {
        count = findings.mistakes.count
        mistakes = findings.mistakes.map { ErrorFields(ErrorReport($0)) }
        warnings = findings.warnings
        stages = findings.stages.map(\.name)
        unread = findings.unread
    }
}

extension Terminal {
    /// Shows what is wrong with a service's files: mistakes as data, the sum as talk.
    func show(_ findings: ServiceCheck.Findings, of path: String, as format: OutputFormat) throws {
        if format == .json { return write(json: try EncodedJSON.pretty(CheckAnswer(findings))) }
        for mistake in findings.mistakes {
            let place = mistake.subject.map { "\($0): " } ?? ""
            write(paint("error:", .red) + " " + TerminalText(lines: place + mistake.message, indent: "    "))
            for hint in mistake.hints { write(paint("hint:", .cyan) + " " + TerminalText(lines: hint, indent: "    ")) }
        }
        for warning in findings.warnings { warn(warning) }
        for stage in findings.unread { say("the hosts of stage \(stage) are looked at once its inventory is mended") }
        say(Self.sum(findings, path))
    }

    private static func sum(_ findings: ServiceCheck.Findings, _ path: String) -> String {
        let count = findings.mistakes.count
        guard count == 0 else { return count.of("mistake") }
        let stages = findings.stages.map { "\($0.name) (\($0.hosts.of("host")))" }
        return "no mistakes in \(path) and its \(stages.count == 1 ? "stage" : "stages") "
            + stages.joined(separator: ", ")
    }
}
