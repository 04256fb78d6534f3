import Fleet
import Testing

@testable import SSH

/// Base64 in known_hosts, as OpenSSH 9.2 reads it (`ssh-keygen -l -f known_hosts`): a line is either wholly right or no line.
@Suite struct Base64Tests {
    private static let blob =
        "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBJVurafuorW9mRE8jsQ38wdbYzgcUL7YfkaKbL"
        + "843JQBpbK1KEkR72pc/M61gNNlu0u4GN1l71rWWUgwX9gaWe0="

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var isRead: Bool

        init(_ description: String, _ text: String, isRead: Bool = false) {
            (testDescription, self.text, self.isRead) = (description, text, isRead)
        }
    }

    @Test(arguments: [
        Case("as it was made", blob, isRead: true), Case("without padding", String(blob.dropLast())),
        Case("with too much padding", blob + "="), Case("with a letter of another alphabet", "-" + blob.dropFirst()),
        Case("with bits behind its end", String(blob.dropLast(2)) + "1="),
        Case("padded by a whole group", blob + "===="),
        Case("with a stop", "." + blob.dropFirst()), Case("with more after the padding", blob + "AAAA"),
        Case("cut short", String(blob.dropLast(2)) + "="), Case("one letter longer", String(blob.dropLast()) + "A="),
    ])
    func aKeyIsReadOnlyWhole(_ example: Case) throws {
        let known = KnownHosts(texts: [("known_hosts", "h ecdsa-sha2-nistp256 \(example.text)\n")], files: [])
        let endpoint = Endpoint(host: try HostName("h"), address: "h")
        #expect(known.matches(for: endpoint).entries.count == (example.isRead ? 1 : 0))
    }

    /// `ssh-keygen -H` hashed the name `h`; `ssh-keygen -F h` finds it in the first of these lines alone.
    @Test(arguments: [
        Case("as it was made", "tOltXTQVorqeu3uqOXrSSIV6rUg=|Tcje2deggjPrIoDK+m9COHFdYiU=", isRead: true),
        Case("salt without padding", "tOltXTQVorqeu3uqOXrSSIV6rUg|Tcje2deggjPrIoDK+m9COHFdYiU="),
        Case("hash without padding", "tOltXTQVorqeu3uqOXrSSIV6rUg=|Tcje2deggjPrIoDK+m9COHFdYiU"),
        Case("salt with too much padding", "tOltXTQVorqeu3uqOXrSSIV6rUg==|Tcje2deggjPrIoDK+m9COHFdYiU="),
    ])
    func aHashedNameIsReadOnlyWhole(_ example: Case) throws {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEfSiILOegafa3Kj6G87Q9GXenDkM3eJIL7xAGk5vrtk"
        let known = KnownHosts(texts: [("known_hosts", "|1|\(example.text) \(key)\n")], files: [])
        let endpoint = Endpoint(host: try HostName("h"), address: "h")
        #expect(known.matches(for: endpoint).entries.count == (example.isRead ? 1 : 0))
    }
}
