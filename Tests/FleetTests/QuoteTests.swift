import Fleet
import Testing

struct QuoteCase: Sendable, CustomTestStringConvertible {
    let name: String
    let word: String
    let quoted: String
    var testDescription: String { name }
}

@Test(arguments: [
    QuoteCase(name: "plain word", word: "nginx", quoted: "nginx"),
    QuoteCase(name: "empty word", word: "", quoted: "''"),
    QuoteCase(name: "single quote", word: "it's", quoted: #"'it'\''s'"#),
    QuoteCase(name: "newline", word: "a\nb", quoted: "'a\nb'"),
    QuoteCase(name: "dollar", word: "$HOME", quoted: "'$HOME'"),
    QuoteCase(name: "tilde", word: "~root", quoted: "'~root'"),
])
func quotesOneWord(_ example: QuoteCase) {
    #expect(RemoteCommand.quote(example.word) == example.quoted)
}
