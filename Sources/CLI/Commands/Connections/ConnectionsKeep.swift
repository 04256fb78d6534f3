import ArgumentParser
import Fleet

extension Drover.ConnectionsCommand {
    /// `drover connections keep`, which other commands start.
    struct Keep: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep connections for other commands, which start this.", shouldDisplay: false
        )
        .examples("drover connections keep")

        func run() async throws {
            guard await Composition.keepConnections() else {
                throw InputError(
                    "connections are kept by a process that other commands start",
                    hints: ["see what is kept with: drover connections list"])
            }
        }
    }
}
