import ArgumentParser
import Fleet
import Foundation
import TestSupport
import Testing

@testable import CLI

@Suite struct TalkOptionsTests {
    private func options(_ words: String...) throws -> TalkOptions { try TalkOptions.parse(words) }

    private static let plain = Terminal(isInteractive: false, hasColour: false)
    private static let coloured = Terminal(
        isInteractive: true, hasColour: true, output: .init(isTerminal: true, hasColour: true))

    @Test(arguments: [
        ([], Verbosity.usual), (["-q"], .quiet), (["-v"], .connections), (["-vv"], .commands),
        (["-v", "-v"], .commands),
        (["-vvv"], .streams), (["-vvvv"], .streams),
    ])
    func sayHowMuchIsSaid(_ words: [String], _ verbosity: Verbosity) throws {
        let terminal = try TalkOptions.parse(words).applied(to: Self.plain, in: [:])
        #expect(terminal.verbosity == verbosity)
    }

    @Test func quietAndVerboseExcludeEachOther() {
        #expect(throws: (any Error).self) { try options("-q", "-v") }
    }

    @Test(arguments: [(["--color", "always"], true), (["--color", "never"], false)])
    func coloursAreChosen(_ words: [String], _ areWanted: Bool) throws {
        for terminal in [Self.plain, Self.coloured] {
            let chosen = try TalkOptions.parse(words).coloured(terminal)
            #expect(chosen.hasColour == areWanted && chosen.output.hasColour == areWanted)
        }
    }

    @Test func coloursAreTheTerminalsOwnUnlessChosen() throws {
        #expect(try options().coloured(Self.coloured).hasColour)
        #expect(try !options().coloured(Self.plain).hasColour)
    }

    @Test func aLogFileThatCannotBeWrittenIsRefused() async throws {
        try await withTemporaryFolder { folder in
            for path in [folder.path, folder.path + "/none/log", ""] {
                let error = #expect(throws: InputError.self) {
                    _ = try TalkOptions.parse(["--log-file", path]).applied(to: Self.plain, in: [:])
                }
                #expect(error?.message.hasPrefix("cannot write the log file \(path): ") == true)
            }
        }
    }
}
