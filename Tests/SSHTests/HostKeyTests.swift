import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    /// Hosts are talked to only when their keys are known.
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct HostKeyTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var name: String
            /// Makes a known_hosts file of the server's two lines.
            var file: @Sendable (_ lines: [String]) -> String
            var code: TransportError.Code?
            var testDescription: String { name }
        }

        static let cases = [
            Case(name: "both keys", file: { $0.joined(separator: "\n") }),
            Case(name: "ECDSA alone, which must be asked for", file: { $0[1] }),
            Case(name: "ed25519 alone", file: { $0[0] }),
            Case(name: "comments, blank lines and no last newline", file: { "# hosts\n\n\($0[0]) a comment" }),
            Case(name: "a list of names", file: { "other," + $0[0] }),
            Case(name: "a wildcard", file: { "[127.0.*]:*" + $0[0].drop { $0 != " " } }),
            Case(name: "a wildcard that excludes it", file: { "*,!\($0[0])" }, code: .hostKeyUnknown),
            Case(name: "nothing", file: { _ in "" }, code: .hostKeyUnknown),
            Case(name: "another port", file: { "[127.0.0.1]:1" + $0[0].drop { $0 != " " } }, code: .hostKeyUnknown),
            Case(name: "no port", file: { "127.0.0.1" + $0[0].drop { $0 != " " } }, code: .hostKeyUnknown),
            Case(name: "revoked", file: { "@revoked \($0[0])\n\($0[0])" }, code: .hostKeyMismatch),
            Case(
                name: "revoked by another file's line",
                file: { "\($0[0])\n@revoked * \($0[0].split(separator: " ").dropFirst().joined(separator: " "))" },
                code: .hostKeyMismatch),
            Case(name: "only an authority", file: { "@cert-authority \($0[0])" }, code: .hostKeyUnknown),
            Case(
                name: "another key of the same kind",
                file: { _ in otherKey(named: "*") },
                code: .hostKeyMismatch),
        ]

        /// A key that no server has.
        private static func otherKey(named name: String) -> String {
            "\(name) ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        }

        @Test(arguments: cases)
        func isCheckedAgainst(_ example: Case) async throws {
            try await ThrowawaySSHD.with { server in
                let lines = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
                    .split(separator: "\n").map(String.init)
                try example.file(lines).write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let error = await transportError { try await withTransport(to: server.endpoint()) { _ in } }
                #expect(error?.code == example.code)
            }
        }

        @Test func hashedNamesAreFound() async throws {
            try await ThrowawaySSHD.with { server in
                let hashed = try await DroverProgram.run(["ssh-keygen", "-H", "-f", server.knownHosts])
                #expect(hashed.status == 0)
                #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8).hasPrefix("|1|"))
                try await withTransport(to: server.endpoint()) { _ in }
            }
        }

        /// A line that is found ends the search of a long hashed file, unless its key is not the one that the host shows.
        @Test func hashedNamesAreFoundWhereverTheyStand() async throws {
            try await ThrowawaySSHD.with(address: "0.0.0.0") { server in
                let key = try String(contentsOfFile: server.folder.path + "/host_ed25519.pub", encoding: .utf8)
                    .split(separator: " ").prefix(2).joined(separator: " ")
                let name = { (number: Int) in "[127.0.0.\(number)]:\(server.port)" }
                let lines = [
                    Self.otherKey(named: name(2)), "\(name(3)) \(key)", "\(name(1)) \(key)",
                    "@revoked \(name(5)) \(key)",
                    Self.otherKey(named: name(4)), "\(name(2)) \(key)", "\(name(5)) \(key)", "",
                ]
                try lines.joined(separator: "\n").write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let hashed = try await DroverProgram.run(["ssh-keygen", "-H", "-f", server.knownHosts])
                #expect(hashed.status == 0)
                // It leaves the revoked one as it is.
                let names = try String(contentsOfFile: server.knownHosts, encoding: .utf8).split(separator: "\n")
                #expect(names.count { $0.hasPrefix("|1|") } == 6)
                let connector = SSHConnector()
                var codes: [TransportError.Code?] = []
                for number in [3, 2, 1, 4, 5, 6, 2] {
                    var endpoint = try server.endpoint("host\(number)")
                    endpoint.address = "127.0.0.\(number)"
                    codes.append(await transportError { _ = try await connector.transport(to: endpoint) }?.code)
                }
                #expect(codes == [nil, nil, nil, .hostKeyMismatch, .hostKeyMismatch, .hostKeyUnknown, nil])
                await connector.closeAll()
            }
        }

        @Test func aChangedKeyIsToldWithItsPlace() async throws {
            try await ThrowawaySSHD.with { server in
                try "# first\n\(Self.otherKey(named: "[127.0.0.1]:\(server.port)"))\n"
                    .write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let error = await transportError { try await withTransport(to: server.endpoint()) { _ in } }
                let shown = try await DroverProgram.run(["ssh-keygen", "-lf", "\(server.folder.path)/host_ed25519.pub"])
                let fingerprint = shown.output.split(separator: " ")[1]
                #expect(error?.message.contains("\(server.knownHosts):2 has SHA256:") == true)
                #expect(error?.message.hasSuffix("the host shows \(fingerprint)") == true)
                #expect(error?.hints.first?.hasSuffix("drover trust --replace throwaway") == true)
            }
        }

        @Test func anAuthorityIsToldWithItsPlaceWhereNothingElseKnowsTheHost() async throws {
            try await ThrowawaySSHD.with { server in
                let lines = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
                try "# first\n@cert-authority * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n"
                    .write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let error = await transportError { try await withTransport(to: server.endpoint()) { _ in } }
                #expect(error?.code == .hostKeyUnknown)
                #expect(
                    error?.hints.last
                        == "the host showed no certificate of the @cert-authority in \(server.knownHosts):2")
                try ("@cert-authority * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==\n" + lines)
                    .write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                try await withTransport(to: server.endpoint()) { _ in }
            }
        }

        @Test(arguments: ["ed25519", "ecdsa"])
        func aPinnedKeyCountsInsteadOfTheFiles(_ type: String) async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                try Self.otherKey(named: "*").write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let text = try String(contentsOfFile: "\(server.folder.path)/host_\(type).pub", encoding: .utf8)
                endpoint.pinnedHostKeys = [text.trimmingCharacters(in: .newlines)]
                try await withTransport(to: endpoint) { _ in }
            }
        }

        @Test func anotherKeyThanThePinnedOneIsRefusedEvenWithoutChecks() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.checksHostKey = false
                endpoint.pinnedHostKeys = [String(Self.otherKey(named: "x").dropFirst(2))]
                let error = await transportError { [endpoint] in try await withTransport(to: endpoint) { _ in } }
                #expect(error?.code == .hostKeyMismatch)
                #expect(error?.message.contains("drover_host_key in the inventory has SHA256:") == true)
            }
        }

        @Test(arguments: [false, true])
        func oldKeysAreReplaced(hashed: Bool) async throws {
            try await ThrowawaySSHD.with { server in
                let name = "[127.0.0.1]:\(server.port)"
                let other = Self.otherKey(named: "elsewhere")
                try "# mine\n\(Self.otherKey(named: name))\n\(other)\n"
                    .write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                if hashed { _ = try await DroverProgram.run(["ssh-keygen", "-H", "-f", server.knownHosts]) }
                let scan = try #require(await HostKeyScanner().scan([server.endpoint()]).first)
                #expect(scan.conflict?.code == .hostKeyMismatch)
                #expect(scan.rivals.map(\.file) == [server.knownHosts])
                let keys = scan.keys.map { (name: scan.name, key: $0) }
                #expect(try KnownHostsFile(path: server.knownHosts).replace(keys) == 2)
                try await withTransport(to: server.endpoint()) { _ in }
                let found = try await DroverProgram.run(["ssh-keygen", "-F", "elsewhere", "-f", server.knownHosts])
                #expect(found.status == 0)
            }
        }

        @Test func aLineForSeveralNamesIsReplacedByNobody() async throws {
            try await ThrowawaySSHD.with { server in
                let text = "# mine\n\(Self.otherKey(named: "[127.0.0.1]:\(server.port),other"))\n"
                try text.write(toFile: server.knownHosts, atomically: true, encoding: .utf8)
                let scan = try #require(await HostKeyScanner().scan([server.endpoint()]).first)
                let error = #expect(throws: InputError.self) {
                    try KnownHostsFile(path: server.knownHosts).replace(scan.keys.map { (name: scan.name, key: $0) })
                }
                #expect(error?.location?.line == 2)
                #expect(try String(contentsOfFile: server.knownHosts, encoding: .utf8) == text)
            }
        }

        @Test func strictnessCanBeTurnedOff() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.knownHostsFiles = ["/dev/null"]
                endpoint.checksHostKey = false
                try await withTransport(to: endpoint) { _ in }
            }
        }

        @Test func trustedKeysLetUsIn() async throws {
            try await ThrowawaySSHD.with { server in
                let file = server.folder.appendingPathComponent("trusted").path
                try "# mine, without a last newline".write(toFile: file, atomically: true, encoding: .utf8)
                var endpoint = try server.endpoint()
                endpoint.knownHostsFiles = [file]
                let scans = await HostKeyScanner().scan([endpoint])
                let scan = try #require(scans.first)
                #expect(scan.keys.map(\.algorithm) == [.ed25519, .ecdsa256])
                #expect(scan.known.isEmpty && scan.fault == nil && scan.conflict == nil)
                let keys = scan.keys.map { (name: scan.name, key: $0) }
                #expect(try KnownHostsFile(path: file).add(keys) == 2)
                #expect(try KnownHostsFile(path: file).add(keys) == 0)
                let text = try String(contentsOfFile: file, encoding: .utf8)
                #expect(text.hasPrefix("# mine, without a last newline\n[127.0.0.1]:"))
                try await withTransport(to: endpoint) { _ in }
                #expect(await HostKeyScanner().scan([endpoint]).first?.known == scan.keys)
            }
        }
    }
}
