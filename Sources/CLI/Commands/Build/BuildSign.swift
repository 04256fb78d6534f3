import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build sign BUILD --key FILE`
    struct Sign: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Vouch for a build with an SSH key.",
            discussion: """
                Signs the SHA-256 of the build's archive and of the tar within, as `ssh-keygen -Y sign` does, for the namespace \
                drover-build. The signature is kept with the build: here, where builds are shared, and on hosts. Stages with \
                `require_signature:` in drover.yml take only builds that somebody signed whom it names.
                """
        )
        .examples("drover build sign shop-1.2 --key ~/.ssh/id_ed25519")

        @Argument(
            help: "A build's name, version, commit or first digits, a file or a folder.", completion: .buildsAndFiles)
        var build: String
        @Option(
            help: "The key: a private one, or a .pub file whose private key an agent has.", completion: .file())
        var key: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let builds = try Composition.builds(service, connection, seams)
            let found = try await seams.terminal.during("reading \(build)") { try await builds.resolve(build) }
            let signed = try await builds.sign(found, key: key)
            switch format.format {
            case .table:
                seams.terminal.write("\(signed.digest)  \(signed.name)")
                let keys = signed.signatures.compactMap(BuildSigning.key(of:))
                seams.terminal.say("signed with \(keys.joined(separator: ", "))")
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(BuildAnswer(signed)))
            }
            return .done
        }
    }
}
