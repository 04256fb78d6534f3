import ArgumentParser
import Fleet
import Foundation
import Journaling

extension Drover.BuildCommand {
    /// `drover build add FILE`
    struct Add: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a build: a tar archive of one release.",
            discussion: "Prints its digest and name. Adding the same file again changes nothing.")

        @Argument(help: "The archive: .tar.gz, .tar.zst or .tar.") var file: String
        @Option(help: "What people call it (default: the file's name).") var name: String?
        @Option(parsing: .singleValue, help: "Where it comes from, as KEY=VALUE; may be given several times.")
        var provenance: [String] = []
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions

        func validate() throws {
            for pair in provenance where !pair.contains("=") || pair.hasPrefix("=") {
                throw ValidationError("--provenance takes KEY=VALUE, not '\(pair)'")
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let build = try await BuildCatalog(service, seams).add(file, name: name, provenance: origin)
            switch format.format {
            case .table: seams.terminal.write("\(build.digest)  \(build.name)")
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(BuildAnswer(build)))
            }
            return .done
        }

        private var origin: [String: String] {
            provenance.reduce(into: [:]) { origin, pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                origin[String(parts[0])] = String(parts[1])
            }
        }
    }
}

extension BuildCatalog {
    /// The builds of the service; those of the working folder where there is no service file.
    init(_ service: ServiceOptions, _ seams: Seams) throws {
        let isThere = FileManager.default.fileExists(atPath: service.path ?? ServiceFileReader.defaultName)
        let folder = service.path != nil || isThere ? try service.read(seams).stateFolder(seams) : seams.stateFolder
        journal = try SQLiteJournal(path: folder + "/journal.sqlite")
        store = BuildStore(stateFolder: folder)
        terminal = seams.terminal
    }
}

/// A build as programs read it.
struct BuildAnswer: Encodable {
    let digest: String
    let release: String
    let name: String
    let size: Int64
    let addedAt: String
    let provenance: [String: String]

    init(_ build: BuildRecord) {
        digest = build.digest
        release = String(build.digest.prefix(12))
        name = build.name
        size = build.size
        addedAt = build.addedAt.description
        provenance = build.provenance
    }
}
