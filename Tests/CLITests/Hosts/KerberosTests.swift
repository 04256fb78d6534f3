import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// Hosts that a Kerberos ticket is the way in to, with a KDC of Debian's.
    @Suite(.realm, .timeLimit(.minutes(3)))
    struct KerberosTests {
        /// A realm, a host in it, and `drover` as a user of both.
        private struct Site {
            let realm: ThrowawayRealm
            let server: ThrowawaySSHD
            let drover: DroverProgram

            func drover(_ more: [String: String]) -> DroverProgram {
                DroverProgram(in: server.folder, environment: drover.environment.merging(more) { $1 })
            }

            /// Runs a command on `web1` and `web2`, which are both the host, called by `name`.
            func run(_ name: String = "localhost", _ variables: String = "", by drover: DroverProgram? = nil)
                async throws -> Transcript
            {
                try await (drover ?? self.drover)("run", "-i", try inventory(name, variables), "all", "--", "echo in")
            }

            func inventory(_ name: String = "localhost", _ variables: String = "") throws -> String {
                let keys = try String(contentsOfFile: server.knownHosts, encoding: .utf8)
                let known = server.folder.appendingPathComponent("known").path
                try (keys + keys.replacing("[127.0.0.1]", with: "[localhost]")).write(
                    toFile: known, atomically: true, encoding: .utf8)
                let file = server.folder.appendingPathComponent("hosts.ini").path
                let text = """
                    web[1:2] ansible_host=\(name) ansible_port=\(server.port) ansible_user=\(NSUserName())
                    [all:vars]
                    ansible_ssh_common_args=-o UserKnownHostsFile=\(known)
                    \(variables)

                    """
                try text.write(toFile: file, atomically: true, encoding: .utf8)
                return file
            }
        }

        private func withSite(_ settings: [String] = ["PubkeyAuthentication no"], _ body: (Site) async throws -> Void)
            async throws
        {
            try await ThrowawayRealm.with { realm in
                try await ThrowawaySSHD.with(
                    settings + ThrowawayRealm.settings, environment: realm.hostEnvironment
                ) { server in
                    let environment = realm.environment.merging(["SSH_AUTH_SOCK": ""]) { $1 }
                    let drover = DroverProgram(in: server.folder, environment: environment)
                    try await body(Site(realm: realm, server: server, drover: drover))
                }
            }
        }

        private static let told = "reached by the installed ssh, as libssh2 shows no Kerberos ticket (GSSAPI)"

        @Test func aTicketIsEnoughWhichIsToldOnce() async throws {
            try await withSite { site in
                try await site.realm.getTicket()
                let done = try await site.run()
                #expect(done.output == "2 hosts said: web1, web2\nin\n", "\(done.errors)")
                #expect(done.errors.components(separatedBy: "warning: web1, web2: \(Self.told)\n").count == 2)
                let seen = try await site.drover(
                    "doctor", "-i", try site.inventory(), "--format", "json")
                #expect(seen.status == 0, "\(seen.errors)")
                #expect(seen.output.contains(Self.told) && seen.output.contains("with gssapi-with-mic"))
            }
        }

        @Test(arguments: ["", "drover_transport=openssh"])
        func withoutATicketThatIsSaid(_ transport: String) async throws {
            try await withSite { site in
                let none = try await site.run("localhost", transport)
                #expect(none.status == 1)
                #expect(none.errors.contains("the host takes no keys but a Kerberos ticket, and you have none\n"))
                #expect(none.errors.contains("hint: get one with: kinit\n"), "\(none.errors)")
                try await site.realm.getExpiredTicket()
                let late = try await site.run("localhost", transport)
                #expect(late.status == 1)
                #expect(late.errors.contains("the host takes no keys but a Kerberos ticket, and yours has expired\n"))
                #expect(late.errors.contains("hint: get a new one with: kinit\n"), "\(late.errors)")
                let seen = try await site.drover("doctor", "-i", try site.inventory("localhost", transport))
                #expect(seen.status == 1 && seen.errors.contains("kinit"), "\(seen.errors)")
            }
        }

        @Test func aTicketThatIsNotTakenIsExplained() async throws {
            try await withSite { site in
                try await site.realm.getTicket(of: "somebody")
                let refused = try await site.run()
                #expect(
                    refused.errors.contains("and it does not take yours for '\(NSUserName())'"), "\(refused.errors)")
                try await site.realm.getTicket()
                let elsewhere = try await site.run("127.0.0.1")
                #expect(
                    elsewhere.errors.contains("Kerberos says: Server host/127.0.0.1@DROVER.TEST not found"),
                    "\(elsewhere.errors)")
                #expect(elsewhere.errors.contains("hint: call the host by the name that its keytab has"))
            }
        }

        /// Where keys would do too, the ticket is a second thing to see to.
        @Test func besideKeysATicketIsAHint() async throws {
            try await withSite([]) { site in
                let none = try await site.run("localhost", "ansible_ssh_private_key_file=/no/such/key")
                #expect(none.errors.contains("no key to log in with"), "\(none.errors)")
                #expect(none.errors.contains("hint: the host takes a Kerberos ticket too, and you have none: get one"))
                try await site.realm.getTicket()
                let done = try await site.run("localhost", "ansible_ssh_private_key_file=/no/such/key")
                #expect(done.status == 0 && done.errors.contains(Self.told), "\(done.errors)")
                let chosen = try await site.run(
                    "localhost", "ansible_ssh_private_key_file=/no/such/key\ndrover_transport=libssh2")
                #expect(chosen.errors.contains("and libssh2, which is chosen for this host, shows none"))
                let keyed = try await site.run(
                    "localhost", "ansible_ssh_private_key_file=\(site.server.clientKey())")
                #expect(keyed.status == 0 && !keyed.errors.contains("reached by"), "\(keyed.errors)")
            }
        }

        @Test func settingsSayWhetherItIsShown() async throws {
            try await withSite { site in
                try await site.realm.getTicket()
                let file = site.server.folder.appendingPathComponent("config").path
                let drover = site.drover(["DROVER_SSH_CONFIG": file])
                for (line, isIn) in [("yes", true), ("no", false)] {
                    try "Host alias\nHostName localhost\nHost *\nGSSAPIAuthentication \(line)\n".write(
                        toFile: file, atomically: true, encoding: .utf8)
                    for name in ["localhost", "alias"] {
                        let done = try await site.run(name, by: drover)
                        #expect((done.status == 0) == isIn, "\(done.errors)")
                        #expect(isIn || done.errors.contains("hint: set GSSAPIAuthentication yes for the host"))
                    }
                }
                let arguments = { (word: String) in "ansible_ssh_extra_args=-o GSSAPIAuthentication=\(word)" }
                let asked = try await site.run("alias", arguments("yes"), by: drover)
                #expect(asked.status == 0, "\(asked.errors)")
                let spared = try await site.run("localhost", arguments("no"))
                #expect(spared.status == 1 && !spared.errors.contains(Self.told), "\(spared.errors)")
            }
        }

        /// A kept connection is nobody's who has other tickets.
        @Test func aConnectionIsKeptForTheSameTicketsAlone() async throws {
            try await withSite { site in
                try await site.realm.getTicket()
                try await withTemporaryFolder { folder in
                    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder.path)
                    let kept = site.drover(["XDG_RUNTIME_DIR": folder.path, "DROVER_CONNECTIONS": "60"])
                    let others = DroverProgram(
                        in: site.server.folder,
                        environment: kept.environment.merging(["KRB5CCNAME": "FILE:/no/such/tickets"]) { $1 })
                    // Written once: a connection depends on the file with the host's keys.
                    let inventory = try site.inventory()
                    #expect(try await kept("run", "-i", inventory, "all", "--", "true").status == 0)
                    let refused = try await others("run", "-i", inventory, "all", "--", "true")
                    #expect(refused.status == 1 && refused.errors.contains("kinit"), "\(refused.errors)")
                    let again = try await kept("run", "-i", inventory, "web1", "-vvv", "--", "true")
                    #expect(again.errors.contains("web1: still connected to"), "\(again.errors)")
                    #expect(try await kept("connections", "close").output == "2 connections closed\n")
                }
            }
        }
    }
}
