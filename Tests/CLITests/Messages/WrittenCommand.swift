import ArgumentParser

@testable import CLI

/// A command line as a page or a help text has it.
struct WrittenCommand {
    /// Its words, as a shell has them, up to what is no part of it: a comment, a pipe, another command.
    let words: [String]

    init(_ line: some StringProtocol) {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch character {
            case quote: quote = nil
            case "'" where quote == nil, "\"" where quote == nil: (quote, word) = (character, word ?? "")
            case " " where quote == nil:
                if let done = word { words.append(done) }
                word = nil
            default: word = (word ?? "") + String(character)
            }
        }
        words += [word].compactMap(\.self)
        self.words = Array(words.prefix { !["#", "|", "||", "&&", ";", ">"].contains($0) })
    }

    /// The command that the program takes it for.
    func parsed() throws -> any ParsableCommand {
        let own = Array(words.dropFirst())
        try CommandNames.check(own)
        return try Drover.parseAsRoot(WithoutOptions.joined(own))
    }
}
