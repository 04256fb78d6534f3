import AdHoc
import ArgumentParser
import Fleet

/// How many hosts are begun when.
struct PaceOptions: ParsableArguments {
    @Option(help: "Go in batches of so many hosts, or of a share of them: 5 or 20%.", transform: Self.batchSize)
    var serial: BatchSize?

    @Option(help: "Begin no further host once more than this percentage of all have failed; 30 at once unless -f says.")
    var failPercent: Int?

    func validate() throws {
        if let failPercent, !(0...100).contains(failPercent) {
            throw ValidationError("--fail-percent must be between 0 and 100")
        }
    }

    private static func batchSize(_ text: String) throws -> BatchSize {
        guard let size = BatchSize(text) else {
            throw ValidationError("'\(text)' is no number of hosts, and no share such as 20%")
        }
        return size
    }

    /// The pace where `-f` was given as `forks`.
    func pace(forks: Int?) -> Pace {
        Pace(
            inHand: forks ?? (failPercent == nil ? nil : Composition.usualForks), batch: serial,
            failPercent: failPercent)
    }
}
