import ArgumentParser
import Fleet
import Playbooks
import Rollouts

/// Which service a command is about.
struct ServiceOptions: ParsableArguments {
    @Option(
        name: .customLong("service"),
        help: "The service's own file (default: drover.yml here, else in the nearest folder above).",
        completion: .file())
    var path: String?

    /// Where the service's file is; `nil` where none was named, and there is none here or above.
    /// - Throws: ``InputError`` for one above that is somebody else's.
    func located(_ seams: Seams) throws(InputError) -> String? {
        if let path { return path }
        return try seams.serviceFile()
    }

    /// The service, as its file has it.
    func read(_ seams: Seams) throws(InputError) -> ServiceFile {
        let file = try ServiceFileReader.read(
            try located(seams) ?? ServiceFileReader.defaultName,
            searchPath: seams.environment["PATH"] ?? ServiceFileReader.defaultSearchPath)
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

    /// What they say.
    /// - Throws: ``InputError`` for a name that no host has.
    func values() throws(InputError) -> Departures {
        var departures = Departures(allowsBelow: allowsBelow)
        for name in forgotten { departures.forgotten.append(try HostName(name)) }
        return departures
    }

    /// Refuses these flags for a command that names no stage.
    func refuseWithoutStage() throws(InputError) {
        guard allowsBelow || !forgotten.isEmpty else { return }
        throw InputError(
            "--allow-below and --forget go with a stage", hints: ["name one, such as: drover apply production"])
    }
}

extension ServiceFile {
    /// The folders of the stage's playbooks, whose `group_vars` and `host_vars` all count for its pool.
    func playbookFolders(of stage: Stage) -> [String] { Playbook.folders(of: stage.playbooks.map(resolve)) }

    /// Where the service's builds are shared: `$DROVER_BUILDS`, else what the file says.
    func sharedBuilds(_ seams: Seams) throws(InputError) -> SharedBuildsAddress? {
        guard let chosen = seams.environment["DROVER_BUILDS"], !chosen.isEmpty else { return builds }
        do {
            return try SharedBuildsAddress(chosen, relativeTo: seams.workingFolder)
        } catch {
            throw InputError("$DROVER_BUILDS: \(error.message)", hints: error.hints)
        }
    }
}
