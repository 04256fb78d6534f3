import ArgumentParser

extension Drover {
    /// `drover reference PAGE`: pages of docs/ that are made from the program, for `scripts/reference`.
    struct Reference: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a page of docs/ that is made from what the program goes by.", shouldDisplay: false
        )
        .examples("drover reference json", "drover reference --list")

        @Argument(help: "The page.") var page: ReferencePage?
        @Flag(help: "List the pages, each with its file below docs/.") var list = false
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if (page == nil) != list { throw ValidationError("name a page, or say --list") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            for page in ReferencePage.allCases where list { seams.terminal.write("\(page.rawValue) \(page.file)") }
            if let page { seams.terminal.write(TerminalText(lines: String(page.text.dropLast()))) }
            return .done
        }
    }
}

extension ReferencePage: ExpressibleByArgument {}
