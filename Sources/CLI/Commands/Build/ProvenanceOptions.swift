import ArgumentParser

/// Where a build comes from, as its adder says.
struct ProvenanceOptions: ParsableArguments {
    @Option(
        name: .customLong("provenance"), parsing: .singleValue,
        help: "Where it comes from, as KEY=VALUE; may be given several times.")
    var pairs: [String] = []

    func validate() throws {
        for pair in pairs where !pair.contains("=") || pair.hasPrefix("=") {
            throw ValidationError("--provenance takes KEY=VALUE, not '\(pair)'")
        }
    }

    /// What it says, by key.
    var values: [String: String] {
        pairs.reduce(into: [:]) { origin, pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            origin[String(parts[0])] = String(parts[1])
        }
    }
}
