import ArgumentParser
import Fleet
import Journaling

extension Drover.StateCommand {
    /// `drover state import FILE`
    struct Import: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take over an exported journal, into one that holds nothing yet.",
            discussion: "All of it or nothing. Builds' files come along by copying the folder builds beside it."
        )
        .examples("drover state import journal.json")

        @Argument(help: "The file that 'drover state export' wrote.", completion: .file()) var file: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let dump = try JournalDumpFile.read(file)
            try await StateChoice(service, seams).journal().restore(dump)
            try seams.terminal.show(DumpAnswer(dump, file: file), "imported", as: format.format)
            return .done
        }
    }
}
