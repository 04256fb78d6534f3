import ArgumentParser

/// Whether a build may go to a stage that comes after another one.
struct EvidenceOptions: ParsableArguments {
    @Option(
        name: .customLong("skip-evidence"),
        help: "Go on although the build has not passed the stage before; the reason is journaled.")
    var reason: String?

    @Option(
        name: .customLong("approve"),
        help: ArgumentHelp("Approve it for a stage that requires that; the reason is journaled.", valueName: "reason"))
    var approval: String?

    func validate() throws {
        if let approval, approval.allSatisfy(\.isWhitespace) { throw ValidationError("--approve wants a reason") }
        if let reason, reason.allSatisfy(\.isWhitespace) { throw ValidationError("--skip-evidence wants a reason") }
    }
}
