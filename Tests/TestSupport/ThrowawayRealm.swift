public import Foundation
public import Testing

/// A Kerberos realm of its own, with a KDC on a free loopback port, for the length of one test. It knows the host `localhost`,
/// the user who tests, and a user called `somebody`.
public struct ThrowawayRealm: Sendable {
    private let folder: URL

    /// Runs `body` with a realm.
    public static func with<Result>(_ body: (ThrowawayRealm) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let realm = ThrowawayRealm(folder: folder)
            do {
                try await realm.start()
                let result = try await body(realm)
                try await realm.run("kill $(cat kdc.pid)")
                return result
            } catch {
                // It may never have begun.
                try? await realm.run("kill $(cat kdc.pid)")
                throw error
            }
        }
    }

    /// What makes the realm known, and the user's tickets.
    public var environment: [String: String] {
        ["KRB5_CONFIG": folder.path + "/krb5.conf", "KRB5CCNAME": "FILE:\(folder.path)/tickets"]
    }

    /// What makes the host's key known to its sshd.
    public var hostEnvironment: [String: String] {
        ["KRB5_CONFIG": folder.path + "/krb5.conf", "KRB5_KTNAME": folder.path + "/host.keytab"]
    }

    /// Lines that have an sshd take tickets.
    public static let settings = ["GSSAPIAuthentication yes", "GSSAPIStrictAcceptorCheck no"]

    private func start() async throws {
        let port = try SilentListener().port
        try Self.libraries(port).write(
            to: folder.appendingPathComponent("krb5.conf"), atomically: true, encoding: .utf8)
        try Self.server(port, folder.path).write(
            to: folder.appendingPathComponent("kdc.conf"), atomically: true, encoding: .utf8)
        try await run(
            """
            kdb5_util create -s -r DROVER.TEST -P master
            for name in host/localhost "$(id -un)" somebody; do kadmin.local -q "addprinc -randkey $name"; done
            kadmin.local -q "ktadd -k host.keytab host/localhost"
            kadmin.local -q "ktadd -k users.keytab $(id -un) somebody"
            krb5kdc -P "$PWD/kdc.pid"
            for i in $(seq 250); do (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null && exit; sleep 0.02; done
            cat kdc.log
            exit 1
            """)
    }

    private static func libraries(_ port: Int) -> String {
        """
        [libdefaults]
            default_realm = DROVER.TEST
            dns_lookup_kdc = false
            dns_lookup_realm = false
            rdns = false
        [realms]
            DROVER.TEST = {
                kdc = 127.0.0.1:\(port)
            }
        [domain_realm]
            localhost = DROVER.TEST

        """
    }

    private static func server(_ port: Int, _ folder: String) -> String {
        """
        [kdcdefaults]
            kdc_listen = 127.0.0.1:\(port)
            kdc_tcp_listen = 127.0.0.1:\(port)
        [realms]
            DROVER.TEST = {
                database_name = \(folder)/principals
                key_stash_file = \(folder)/stash
                acl_file = \(folder)/acl
            }
        [logging]
            kdc = FILE:\(folder)/kdc.log

        """
    }

    /// Gets a ticket, of the user who tests unless another one is named.
    public func getTicket(of user: String = NSUserName()) async throws {
        try await run("kinit -kt users.keytab \(user)")
    }

    /// Gets a ticket and waits until it has expired.
    public func getExpiredTicket() async throws {
        try await run(
            """
            kinit -l 1s -kt users.keytab \(NSUserName())
            for i in $(seq 100); do kvno host/localhost || exit 0; sleep 0.1; done
            exit 1
            """)
    }

    private func run(_ script: String) async throws {
        let own = environment.merging(["KRB5_KDC_PROFILE": folder.path + "/kdc.conf"]) { own, _ in own }
        let words = own.map { "\($0.key)=\($0.value)" }
        let path = "PATH=\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"):/usr/sbin:/sbin"
        let done = try await DroverProgram.run(["env", "-C", folder.path, path] + words + ["bash", "-ec", script])
        guard done.status == 0 else { throw TestFailure("\(done.output)\(done.errors)") }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where no realm can be made.
    public static var realm: Self {
        .enabled("needs krb5-kdc, krb5-admin-server and krb5-user") {
            ["/usr/sbin/krb5kdc", "/usr/sbin/kadmin.local", "/usr/bin/kinit"].allSatisfy(
                FileManager.default.isExecutableFile)
        }
    }
}
