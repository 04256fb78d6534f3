import Fleet
import Foundation
import Journaling
import Testing

/// How members are reached outlives the inventory that says so; their passwords do not.
@Suite struct MemberTests {
    private func endpoint(_ host: String) throws -> Endpoint {
        var jump = Endpoint(host: try HostName("edge"), address: "192.0.2.1", user: "gate")
        jump.password = Secret("jump-password")
        var endpoint = Endpoint(
            host: try HostName(host), address: "10.0.0.7", port: 2222, user: "deploy", identityFiles: ["/k/id"],
            knownHostsFiles: ["/k/known_hosts"], becomePassword: Secret("become-password"))
        endpoint.password = Secret("login-password")
        endpoint.passphrase = Secret("key-passphrase")
        endpoint.becomeMethod = .su
        endpoint.hostKeyAlias = "alias"
        endpoint.leftToUser = [.connectTimeout, .jumps]
        endpoint.jumps = [jump]
        return endpoint
    }

    private func record(_ host: String, stage: String = "production") throws -> MemberRecord {
        MemberRecord(
            stage: stage, host: try HostName(host), address: "10.0.0.7", way: EndpointRecord(try endpoint(host)))
    }

    @Test func aMemberIsRememberedUntilItIsForgotten() async throws {
        try await withJournal { journal in
            let members = [try record("ap2"), try record("ap1"), try record("ap1", stage: "staging")]
            try await journal.remember(members)
            try await journal.remember([members[0]])
            #expect(try await journal.members(stage: "production") == [members[1], members[0]])
            try await journal.forget(try HostName("ap1"), stage: "production")
            try await journal.forget(try HostName("ap1"), stage: "production")
            #expect(try await journal.members(stage: "production") == [members[0]])
            #expect(try await journal.members(stage: "staging") == [members[2]])
        }
    }

    @Test func theWayIsWholeButForPasswords() async throws {
        try await withJournalPath { path in
            try await SQLiteJournal(path: path).remember([try record("ap1")])
            let kept = try await SQLiteJournal(path: path).members(stage: "production")
            var expected = try endpoint("ap1")
            (expected.password, expected.passphrase, expected.becomePassword) = (nil, nil, nil)
            expected.jumps[0].password = nil
            #expect(kept.map(\.way.endpoint) == [expected])
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
                let bytes = try Data(contentsOf: file)
                for secret in ["login-password", "become-password", "key-passphrase", "jump-password"] {
                    #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file.lastPathComponent)")
                }
            }
        }
    }
}
