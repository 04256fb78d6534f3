import ArgumentParser
import Fleet

extension Drover.BuildCommand {
    /// `drover build list`
    struct List: FleetCommand {
        static let configuration = CommandConfiguration(abstract: "List the builds, newest first.")

        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let builds = try await BuildCatalog(service, seams).journal.builds(prefix: "")
            var table = Table("BUILD", "NAME", "SIZE", "ADDED", "FROM")
            for build in builds {
                let origin = build.provenance.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                table.add(
                    String(build.digest.prefix(12)), build.name, ByteCount(Int(build.size)).description,
                    build.addedAt.description, origin.joined(separator: " "))
            }
            try seams.terminal.show(table, or: builds.map(BuildAnswer.init), as: format.format)
            return .done
        }
    }
}
