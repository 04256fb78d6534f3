import ArgumentParser
import Fleet

/// Looks whether the words of a command line name a command, before anything else is made of them.
enum CommandNames {
    /// - Throws: ``InputError`` at the first word that should be a command and is none, with what may have been meant.
    static func check(_ arguments: [String]) throws(InputError) {
        var command: any ParsableCommand.Type = Drover.self
        var path = ["drover"]
        for (index, word) in arguments.enumerated() {
            let below = command.configuration.subcommands
            guard !below.isEmpty, !word.hasPrefix("-") else { return }
            if index == 0, word == "help" { continue }
            if let next = below.first(where: { names(of: $0).contains(word) }) {
                command = next
                path.append(word)
                continue
            }
            // What follows a command with a usual subcommand is that one's to judge.
            guard command.configuration.defaultSubcommand == nil else { return }
            throw unknown(word, below: path.joined(separator: " "), below, rest: Array(arguments[(index + 1)...]))
        }
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }

    private static func unknown(
        _ word: String, below path: String, _ commands: [any ParsableCommand.Type], rest: [String]
    ) -> InputError {
        let names = commands.filter { $0.configuration.shouldDisplay }.map { $0._commandName }
        var hints = NearestNames.of(word, among: names).map { "did you mean: \(path) \($0)" }
        if hints.isEmpty, path == "drover" { hints = (elsewhere[word] ?? nested(word)).map { filled($0, rest) } }
        hints.append(
            path == "drover"
                ? "all commands: drover --help" : "\(path) has: \(names.sorted().joined(separator: ", "))")
        return InputError(.unknownName, "there is no command '\(path) \(word)'", hints: hints)
    }

    /// Commands below others that are called `word`.
    private static func nested(_ word: String) -> [String] {
        Drover.configuration.subcommands.flatMap { command in
            command.configuration.subcommands.filter { names(of: $0).contains(word) }
                .map { "did you mean: drover \(command._commandName) \($0._commandName)" }
        }
    }

    /// `hint` about the stage that was typed, if one was.
    private static func filled(_ hint: String, _ rest: [String]) -> String {
        guard let stage = rest.first(where: { !$0.hasPrefix("-") }) else { return hint }
        return hint.replacing("STAGE", with: RemoteCommand.quote(stage))
    }

    /// What other tools call it, and what does it here.
    private static let elsewhere: [String: [String]] = [
        "deploy": [
            "a build goes to a stage by: drover rollout STAGE BUILD",
            "hosts become what the stage's playbook says by: drover apply STAGE",
        ],
        "setup": ["hosts become what the stage's playbook says by: drover apply STAGE"],
        "provision": ["hosts become what the stage's playbook says by: drover apply STAGE"],
        "playbook": ["playbooks are run by: drover apply PLAYBOOK -i INVENTORY"],
        "diff": ["what would change is shown by: drover plan STAGE"],
        "undo": ["the build before comes back by: drover rollback STAGE"],
        "revert": ["the build before comes back by: drover rollback STAGE"],
        "exec": ["commands are run by: drover run --stage STAGE all -- COMMAND"],
        "shell": ["one logs in by: drover ssh --stage STAGE HOST"],
        "login": ["one logs in by: drover ssh --stage STAGE HOST"],
        "scp": ["files are copied by: drover cp --stage STAGE all SOURCE DEST"],
        "ps": ["what runs is shown by: drover status STAGE"],
        "cordon": ["hosts leave rotation by: drover drain HOST"],
        "uncordon": ["hosts come back by: drover undrain HOST"],
        "disable": ["hosts leave rotation by: drover maintenance on HOST"],
        "enable": ["hosts come back by: drover maintenance off HOST"],
        "unlock": ["a lease is taken away by: drover lock release STAGE --reason REASON"],
        "audit": ["what was done is shown by: drover history STAGE"],
    ]
}
