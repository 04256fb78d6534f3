import ArgumentParser
import Testing

@testable import CLI

@Suite struct HelpTests {
    /// A command that does something, with the words that name it.
    struct Leaf: CustomTestStringConvertible {
        let path: [String]
        let command: any ParsableCommand.Type
        var testDescription: String { path.joined(separator: " ") }

        /// The command lines in its help.
        var examples: [String] {
            let lines = command.configuration.discussion.split(separator: "\n")
            let rest = lines.drop { $0 != "Examples:" }.dropFirst()
            return rest.map { String($0.drop { $0 == " " }) }
        }
    }

    static let leaves = leaves(below: Drover.self, [])

    private static func leaves(below command: any ParsableCommand.Type, _ path: [String]) -> [Leaf] {
        let own = command.configuration.subcommands
        if own.isEmpty { return [Leaf(path: path, command: command)] }
        return own.flatMap { leaves(below: $0, path + [$0._commandName]) }
    }

    @Test(arguments: leaves) func everyCommandHasExamplesThatAreTakenAsTheyAre(_ leaf: Leaf) throws {
        #expect(!leaf.examples.isEmpty)
        for example in leaf.examples {
            let line = try #require(example.firstRange(of: "drover ").map { example[$0.lowerBound...] })
            #expect(type(of: try WrittenCommand(line).parsed()) == leaf.command)
        }
    }

    @Test func aCommandsOwnOptionsComeBeforeThoseOfMany() {
        let help = HelpText.arranged(Drover.helpMessage(for: Drover.Run.self))
        let titles = ["ARGUMENTS:", "OPTIONS:", "HOSTS:", "CONNECTION:", "PRIVILEGES:", "MESSAGES:"]
        let found = help.split(separator: "\n").map(String.init).filter(titles.contains)
        #expect(found == titles)
    }

    @Test func helpOfCommandsWithoutSuchOptionsStays() {
        let help = Drover.helpMessage()
        #expect(HelpText.arranged(help) == help)
    }
}
