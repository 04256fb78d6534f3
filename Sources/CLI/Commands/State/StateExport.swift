import ArgumentParser
import Fleet
import Journaling
import Values

extension Drover.StateCommand {
    /// `drover state export FILE`
    struct Export: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write everything in the journal to a file.",
            discussion: """
                Runs and their lines, records of builds and stages, evidence, members, balancers left out and the last \
                token of each stage; one line of JSON each. Builds themselves are not in it.
                """
        )
        .examples("drover state export journal.json")

        @Argument(help: "The file; one that is there is replaced once the new one is whole.", completion: .file())
        var file: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let state = try StateChoice(service, seams)
            try state.expectThere()
            let journal = try state.journal()
            let dump = try await journal.dump()
            // Holders, addresses and what hosts said: its owner's business.
            try DurableFile(file).write(try JournalDumpFile.bytes(dump), mode: 0o600)
            try seams.terminal.show(DumpAnswer(dump, file: file), "exported", as: format.format)
            return .done
        }
    }
}
