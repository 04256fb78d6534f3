import ArgumentParser
import Fleet
import Rollouts

extension Drover.BuildCommand {
    /// `drover build list`
    struct List: ListingCommand {
        static let configuration = CommandConfiguration(abstract: "List the builds, newest first, and where each is.")
            .examples("drover build list")

        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            guard try StateChoice(service, seams).isThere else { return try showNothing(seams.terminal) }
            let (builds, fault) = try await Composition.builds(service, connection, seams).list()
            if let fault { seams.terminal.warn("not asked where builds are shared: \(ErrorReport(fault))") }
            let rules = try Composition.signatureRules(service, seams)
            var table = Table("BUILD", "NAME", "SIZE", "WHERE", "SIGNED BY", "ADDED", "FROM")
            table.spare = ["FROM", "ADDED", "SIGNED BY"]
            var answers: [BuildAnswer] = []
            for build in builds {
                let record = build.record
                let signatures = try await SignatureAnswer.all(of: record, by: rules)
                answers.append(BuildAnswer(build, signatures))
                let origin = record.provenance.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                table.add(
                    record.digest.release.description, record.names.joined(separator: ", "),
                    ByteCount(Int(record.size)).description,
                    Self.places(build), signatures.isEmpty ? "-" : signatures.map(\.words).joined(separator: ", "),
                    record.addedAt.description, origin.joined(separator: " "))
            }
            guard !builds.isEmpty else { return try showNothing(seams.terminal) }
            try seams.terminal.show(table, or: answers, as: format.format)
            return .done
        }

        private func showNothing(_ terminal: Terminal) throws -> ExitStatus {
            if format.format == .json { terminal.write(json: try EncodedJSON.pretty([BuildAnswer]())) }
            terminal.say("no build is known here yet")
            return .done
        }

        private static func places(_ build: ListedBuild) -> String {
            var places = build.isHere ? ["here"] : []
            if build.isShared == true { places.append(build.isDamaged ? "shared (damaged)" : "shared") }
            places += build.stages
            return places.isEmpty ? "-" : places.joined(separator: ",")
        }
    }
}
