import ArgumentParser
import Fleet

/// Which service a command is about.
struct ServiceOptions: ParsableArguments {
    @Option(name: .customLong("service"), help: "The service's own file (default: drover.yml).")
    var path: String?

    /// The service, as its file has it.
    func read(_ seams: Seams) throws(InputError) -> ServiceFile {
        try ServiceFileReader.read(path ?? ServiceFileReader.defaultName)
    }
}

extension ServiceFile {
    /// Where journal and builds are kept: `$DROVER_STATE`, else what the file says, else `.drover` beside it.
    func stateFolder(_ seams: Seams) -> String {
        if let chosen = seams.environment["DROVER_STATE"], !chosen.isEmpty { return chosen }
        return resolve(state ?? ".drover")
    }
}
