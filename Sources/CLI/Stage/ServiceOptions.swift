import ArgumentParser
import Fleet
import Playbooks

/// Which service a command is about.
struct ServiceOptions: ParsableArguments {
    @Option(name: .customLong("service"), help: "The service's own file (default: drover.yml).")
    var path: String?

    /// The service, as its file has it.
    func read(_ seams: Seams) throws(InputError) -> ServiceFile {
        let file = try ServiceFileReader.read(path ?? ServiceFileReader.defaultName)
        if let password = file.vaultPasswordFile { seams.passwords.useVaultPassword(in: file.resolve(password)) }
        return file
    }

    /// Lets the vault password that the file names, where there is one, open what playbooks beside it use.
    func offerVaultPassword(_ seams: Seams) {
        // A missing or wrong file is told by the commands that are about the service.
        _ = try? read(seams)
    }
}

/// What `plan` and `apply` may do to hosts that leave a stage.
struct DepartureOptions: ParsableArguments {
    @Flag(name: .customLong("allow-below"), help: "Let more hosts leave the stage's pool than its minimum allows.")
    var allowsBelow = false

    @Option(
        name: .customLong("forget"), parsing: .singleValue,
        help: "A host that left the inventory and is gone for good: no longer try to stop its units.")
    var forgotten: [String] = []

    /// What they say, apart from their parsing.
    struct Values: Sendable {
        var allowsBelow = false
        var forgotten: [String] = []
    }

    /// What they say.
    var values: Values { Values(allowsBelow: allowsBelow, forgotten: forgotten) }

    /// Refuses these flags for a command that names no stage.
    func refuseWithoutStage() throws(InputError) {
        guard allowsBelow || !forgotten.isEmpty else { return }
        throw InputError(
            "--allow-below and --forget go with a stage", hints: ["name one, such as: drover apply production"])
    }
}

extension ServiceFile {
    /// The folder whose `group_vars` and `host_vars` count for the stage as well: that of its first playbook.
    func playbookFolder(of stage: Stage) -> String? { Playbook.folder(of: stage.playbooks.map(resolve)) }

    /// Where journal and builds are kept: `$DROVER_STATE`, else what the file says, else `.drover` beside it.
    func stateFolder(_ seams: Seams) -> String {
        if let chosen = seams.environment["DROVER_STATE"], !chosen.isEmpty { return chosen }
        return resolve(state ?? ".drover")
    }
}
