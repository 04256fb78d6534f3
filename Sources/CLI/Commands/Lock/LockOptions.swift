import ArgumentParser
import Fleet
import Rollouts

/// How a command that changes a stage asks for the stage's lease.
struct LockOptions: ParsableArguments {
    @Option(
        name: .customLong("lock-wait"),
        help: ArgumentHelp("Wait so long for whoever changes the stage: 30s, 5m.", valueName: "duration"))
    var wait: String?

    @Option(
        help: ArgumentHelp(
            "Go on although no more than half of the hosts and balancers answer, and say why.", valueName: "reason"))
    var force: String?

    func validate() throws {
        if let wait, Duration(written: wait) == nil {
            throw ValidationError("--lock-wait takes a duration such as 30s or 5m, not '\(wait)'")
        }
        if let force, force.allSatisfy(\.isWhitespace) { throw ValidationError("--force wants a reason") }
    }

    /// What they say.
    var terms: LockTerms { LockTerms(force: force, wait: wait.flatMap { Duration(written: $0) } ?? .zero) }
}
