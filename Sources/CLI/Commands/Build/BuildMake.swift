import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build make [FOLDER]`
    struct Make: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Pack a folder into a build, and keep it.",
            discussion: """
                What lies in the folder is what `current/` will hold on hosts, but for .git, .drover and what a .droverignore \
                in it leaves out. The same content gives the same bytes: times are those of git's commit, or of \
                $SOURCE_DATE_EPOCH. The build is kept as by `drover build add`, and called NAME-VERSION; one that is kept already is \
                found by that name as well.
                """
        )
        .examples("drover build make", "drover build make dist --name shop", "drover build make dist -o shop.tar.zst")

        @Argument(help: "The folder.", completion: .directory) var folder = "."
        @Option(help: "What people call it (default: the service's name in drover.yml, else the folder's).")
        var name: String?
        @Option(
            name: .customLong("version"),
            help: "Its version (default: what `git describe --tags --always` says, else of its digest).")
        var release: String?
        @Option(
            help: "gzip, zstd (hosts need it) or none (default: as --output ends, else gzip).",
            completion: .list(BuildCompression.allCases.map(\.rawValue)), transform: Self.compression)
        var compression: BuildCompression?
        @Option(
            name: .shortAndLong, help: "Write the archive to this file, and keep nothing else.", completion: .file())
        var output: String?
        @OptionGroup var provenance: ProvenanceOptions
        @OptionGroup var signing: SigningOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            for (flag, value) in [("--name", name), ("--version", release), ("--output", output)] where value == "" {
                throw ValidationError("\(flag) must not be empty")
            }
            if let output, compression == nil, BuildCompression(fileName: output) == nil {
                throw ValidationError(
                    "--output takes a file that ends in .tar.gz, .tar.zst or .tar, unless --compression is given")
            }
            if output != nil, signing.key != nil {
                throw ValidationError("--sign goes with a build that is kept, not with --output")
            }
            if output != nil, !provenance.pairs.isEmpty {
                throw ValidationError("--provenance goes with a build that is kept, not with --output")
            }
        }

        private static func compression(_ word: String) throws -> BuildCompression {
            guard let found = BuildCompression(rawValue: word) else {
                throw ValidationError("--compression takes gzip, zstd or none, not '\(word)'")
            }
            return found
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            var terms = try Composition.packing(service, seams)
            terms.name = name ?? terms.name
            terms.version = release
            terms.compression = compression ?? output.flatMap(BuildCompression.init(fileName:)) ?? .gzip
            terms.excluded = [seams.stateFolder]
            if let output { return try await write(to: output, terms, seams.terminal) }
            let builds = try Composition.builds(service, connection, seams)
            let build = try await seams.terminal.during("packing \(folder)") { [terms] in
                try await signing.applied(
                    to: builds.make(folder, terms, provenance: provenance.values), builds)
            }
            show(BuildAnswer(build), seams.terminal)
            return .done
        }

        private func write(to output: String, _ terms: PackingTerms, _ terminal: Terminal) async throws -> ExitStatus {
            let packed = try await terminal.during("packing \(folder)") {
                try await BuildPacking(terms).pack(folder, to: output)
            }
            terminal.tell(packed)
            if let inner = packed.soleFolder { terminal.warn(soleFolder: inner, in: folder) }
            show(BuildAnswer(packed), terminal)
            return .done
        }

        private func show(_ build: BuildAnswer, _ terminal: Terminal) {
            switch format.format {
            case .table: terminal.write("\(build.digest)  \(build.path ?? build.name)")
            case .json:
                // Texts and numbers always encode.
                if let text = try? EncodedJSON.pretty(build) { terminal.write(json: text) }
            }
        }
    }
}
