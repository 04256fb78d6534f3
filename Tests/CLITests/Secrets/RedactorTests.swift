import Foundation
import Testing

@testable import CLI

@Suite struct RedactorTests {
    private func redactor(_ secrets: String...) -> Redactor {
        let redactor = Redactor()
        for secret in secrets { redactor.add(secret) }
        return redactor
    }

    @Test func secretsAreMaskedWhereverTheyStand() {
        let mask = redactor("hunter22", "correct horse")
        #expect(mask("hunter22") == "********")
        #expect(mask("a hunter22, and correct horse!") == "a ********, and ********!")
        #expect(mask("hunter2") == "hunter2")
        #expect(mask("") == "")
        #expect(redactor()("hunter22") == "hunter22")
    }

    @Test func overlappingSecretsLeaveNothing() {
        let mask = redactor("abcdef", "cdefghij", "abcdefghijkl")
        #expect(mask("xabcdefghijy") == "x********y")
        #expect(mask("xabcdefghijkly") == "x********y")
        #expect(mask("abcdefabcdef") == "****************")
    }

    @Test func shortOnesCannotBeMasked() {
        let mask = redactor("abc", "abcd")
        #expect(mask("abc abcd") == "abc ********")
    }

    @Test func linesOfASecretAreSecretToo() {
        let mask = redactor("-----BEGIN KEY-----\n  MIIabcdef\n}\nlast line\n")
        #expect(mask("+  MIIabcdef") == "+  ********")
        #expect(mask("last line }") == "******** }")
    }

    @Test(arguments: [
        (#"say "hi" now"#, #"{"a": "say \"hi\" now"}"#), ("one\ntwo three", #"x one\ntwo three y"#),
        ("café au lait", #""caf\u00e9 au lait""#), ("path/to/it", #"path\/to\/it"#), ("it's here", #"'it'\''s here'"#),
        ("a b&c/d", "https://u:a%20b%26c%2Fd@host"), ("open sesame", "b3BlbiBzZXNhbWU="),
        (#"in "json" in"#, #""{\"a\": \"in \\\"json\\\" in\"}""#),
    ])
    func otherSpellingsAreMasked(_ secret: String, _ written: String) {
        let masked = redactor(secret)(written)
        #expect(masked.contains("********"))
        for word in secret.split(whereSeparator: { !$0.isLetter }) where word.count > 3 {
            #expect(!masked.contains(word))
        }
    }

    @Test func messagesThatShowOnlyTheBeginningAreMasked() {
        let secret = String(repeating: "0123456789", count: 10)
        #expect(redactor(secret)("not the text '\(secret.prefix(60))…'") == "not the text '********…'")
    }

    /// A server's worth of secrets that begin alike, within the time limit.
    @Test(.timeLimit(.minutes(1))) func manySecretsThatBeginAlikeAreMasked() {
        let mask = Redactor()
        let secrets = (0..<4000).map { "the same beginning \($0)/\"x\"" }
        for secret in secrets { mask.add(secret) }
        let masked = mask(secrets.joined(separator: "\n"))
        #expect(masked.split(separator: "\n").allSatisfy { $0 == "********" })
    }

    @Test func jsonStaysJSON() throws {
        let mask = redactor("1234", "654321", "status", "two\nlines \"quoted\"", "ünïcode")
        let value: [String: any Sendable] = [
            "status": "status", "seconds": 0.1234, "pin": 654321, "text": "it: two\nlines \"quoted\"!",
            "other": "ünïcode \\ \"",
        ]
        let data = try JSONSerialization.data(withJSONObject: value)
        let masked = mask.json(String(decoding: data, as: UTF8.self))
        let read = try #require(JSONSerialization.jsonObject(with: Data(masked.utf8)) as? [String: Any])
        #expect(read["status"] as? String == "********")
        #expect(read["seconds"] as? Double == 0.1234)
        #expect(read["pin"] as? String == "********")
        #expect(read["text"] as? String == "it: ********!")
        #expect(read["other"] as? String == "******** \\ \"")
    }
}
