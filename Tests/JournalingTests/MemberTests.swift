import Fleet
import Foundation
import Journaling
import Testing

/// How members are reached outlives the inventory that says so; their passwords do not.
@Suite struct MemberTests {
    private func route(_ host: String) throws -> Route {
        var jump = Route(host: try HostName("edge"), name: "192.0.2.1")
        (jump.settings.connection, jump.settings.user, jump.settings.password) = (.ssh, "gate", Secret("jump-password"))
        var said = ConnectionSettings()
        (said.connection, said.port, said.user, said.becomeMethod) = (.ssh, 2222, "deploy", .su)
        (said.identityFiles, said.knownHostsFiles) = (["/k/id"], ["/k/known_hosts"])
        (said.hostKeyAlias, said.connectTimeout) = ("alias", .seconds(60))
        (said.password, said.passphrase) = (Secret("login-password"), Secret("key-passphrase"))
        said.becomePassword = Secret("become-password")
        return Route(host: try HostName(host), name: "10.0.0.7", settings: said, jumps: [jump])
    }

    private func record(_ host: String, stage: String = "production") throws -> MemberRecord {
        MemberRecord(stage: stage, host: try HostName(host), address: "10.0.0.7", way: RouteRecord(try route(host)))
    }

    @Test(arguments: Kept.allCases) func aMemberIsRememberedUntilItIsForgotten(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
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
            var expected = try route("ap1")
            (expected.settings.password, expected.settings.passphrase) = (nil, nil)
            expected.settings.becomePassword = nil
            expected.jumps?[0].settings.password = nil
            #expect(kept.map(\.way.route) == [expected])
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
                // A journal that is being closed takes its log away.
                guard let bytes = FileManager.default.contents(atPath: file.path) else { continue }
                for secret in ["login-password", "become-password", "key-passphrase", "jump-password"] {
                    #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(file.lastPathComponent)")
                }
            }
        }
    }

    /// Journals of earlier versions have a value for everything, and say which of them nobody had said.
    @Test(
        arguments: [
            ("[\"connectTimeout\",\"jumps\",\"port\",\"hostKeyChecking\"]", nil, nil, nil),
            ("[\"connectTimeout\"]", 22, true, []),
        ] as [(String, UInt16?, Bool?, [Route]?)])
    func whatNobodyHadSaidIsNotSaid(_ left: String, _ port: UInt16?, _ checks: Bool?, _ jumps: [Route]?) throws {
        let earlier = """
            {"host":"ap1","isLocal":false,"address":"10.0.0.7","port":22,"user":"deploy","identityFiles":["/k"],
            "fallbackIdentityFiles":[],"knownHostsFiles":[],"fallbackKnownHostsFiles":[],"pinnedHostKeys":[],
            "checksHostKey":true,"becomeMethod":"sudo","leftToUser":\(left),"jumps":[]}
            """
        let route = try JSONDecoder().decode(RouteRecord.self, from: Data(earlier.utf8)).route
        #expect(route.name == "10.0.0.7" && route.settings.user == "deploy" && route.settings.identityFiles == ["/k"])
        #expect(route.settings.port == port && route.settings.checksHostKey == checks && route.jumps == jumps)
        #expect(route.settings.knownHostsFiles == nil && route.settings.connectTimeout == nil)
    }
}
