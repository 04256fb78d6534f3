import Testing

@testable import SSH

/// How lines of ssh_config are cut; OpenSSH's own program is asked in ``ClientConfigurationTests``.
@Suite struct ConfigurationLineTests {
    static let lines: [(text: String, keyword: String, words: [String])] = [
        ("Host web", "host", ["web"]), ("  HOST\tweb  db ", "host", ["web", "db"]), ("Port=22", "port", ["22"]),
        ("Port = 22", "port", ["22"]), ("Host \"web\" 'db'", "host", ["web", "db"]),
        ("Host web # the first", "host", ["web"]), ("Host web#1", "host", ["web#1"]),
        ("Match exec \"test -e '/a b'\" user me", "match", ["exec", "test -e '/a b'", "user", "me"]),
        ("IdentityFile a\\ b", "identityfile", ["a b"]), ("Host a\\b", "host", ["a\\b"]),
        ("Host \"a \\\"b\"", "host", ["a \"b"]), ("Host *\r", "host", ["*"]), ("Host", "host", []),
        ("Host \"\"", "host", [""]),
    ]

    @Test(arguments: lines) func areCutAsOpenSSHCutsThem(_ text: String, _ keyword: String, _ words: [String]) throws {
        let line = try #require(ConfigurationLine(text[...]))
        #expect(line.keyword == keyword && line.words == words && !line.isBroken)
    }

    @Test(arguments: ["", "  ", "\t# Host web", "#"]) func saysNothing(_ text: String) {
        #expect(ConfigurationLine(text[...]) == nil)
    }

    @Test func aQuoteThatNeverEndsIsNoWord() throws {
        #expect(try #require(ConfigurationLine("Host \"web")).isBroken)
    }
}
