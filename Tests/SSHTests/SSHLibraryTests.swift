import Foundation
import TestSupport
import Testing

@testable import SSH

/// What is taken for granted of each version of libssh2.
@Suite struct SSHLibraryTests {
    private static let versions = [
        ("1.10.0", false), ("1.9", false), ("1.11.0", true), ("1.11.1_DEV", true), ("2.0", true), ("", false),
    ]

    @Test(arguments: versions) func rsaSignsWithSHA2Since111(_ version: String, _ can: Bool) {
        let library = SSHLibrary(version: version)
        #expect(library.signsRSAWithSHA2 == can)
        #expect((library.flawOfRSA == nil) == can)
        let names = library.hostKeyPreference(knowing: [.rsa]).split(separator: ",")
        #expect(names.first == (can ? "rsa-sha2-512" : "ssh-rsa"))
        #expect(names.last == "ecdsa-sha2-nistp521")
    }

    @Test func theFlawNamesTheVersion() {
        #expect(SSHLibrary(version: "1.10.0").flawOfRSA?.contains("which libssh2 1.10 signs only with SHA-1") == true)
    }

    @Test func theInstalledOneSaysItsVersion() {
        #expect(SSHLibrary.installed.version.hasPrefix("1."))
    }

    @Test(arguments: [["-t", "rsa"], ["-t", "rsa", "-m", "PEM"], ["-t", "rsa", "-N", "secret"]])
    func anRSAKeyHasAFlawOnlyWithTheOldLibrary(_ options: [String]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("key").path
            let passphrase = options.contains("-N") ? [] : ["-N", ""]
            let made = try await DroverProgram.run(["ssh-keygen", "-q", "-f", file] + passphrase + options)
            try #require(made.status == 0, "\(made.errors)")
            let text = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
            let (old, new) = (SSHLibrary(version: "1.10.0"), SSHLibrary(version: "1.11.1"))
            #expect(IdentityFile.identity(text, path: file, old).flaw == old.flawOfRSA)
            let flaw = options.contains("-N") ? IdentityFile.lockedFlaw : nil
            #expect(IdentityFile.identity(text, path: file, new).flaw == flaw)
        }
    }

    /// An agent signs as the request that it signs announces (RFC 8332).
    @Test(arguments: ["rsa-sha2-256", "rsa-sha2-512"])
    func anAgentSignsAsAnnounced(_ algorithm: String) async throws {
        try await withTemporaryFolder { folder in
            let (key, agent) = (folder.path + "/key", folder.path + "/agent")
            let script = """
                ssh-keygen -q -t rsa -N '' -f \(key) && eval "$(ssh-agent -a \(agent))" >/dev/null && ssh-add -q \(key) \
                && echo $SSH_AGENT_PID
                """
            let made = try await DroverProgram.run(["sh", "-c", script])
            let process = try #require(pid_t(made.output.filter(\.isNumber)), "\(made.errors)")
            defer { kill(process, SIGTERM) }
            let identity = try #require(KeyAgent(path: agent).keys(SSHLibrary(version: "1.11.1")).first)
            #expect(identity.flaw == nil)
            let blob = try #require(identity.publicKey)
            let data =
                wireString([1, 2, 3]) + [50]
                + ["user", "ssh-connection", "publickey"].flatMap { wireString(Array($0.utf8)) }
                + [1] + wireString(Array(algorithm.utf8)) + wireString(blob)
            let signature = try #require(KeyAgent(path: agent).sign(data, with: blob))
            #expect(try await holds(signature, of: data, by: key, algorithm, in: folder))
        }
    }

    private func holds(
        _ signature: [UInt8], of data: [UInt8], by key: String, _ algorithm: String, in folder: URL
    ) async throws -> Bool {
        try Data(signature).write(to: folder.appendingPathComponent("signature"))
        try Data(data).write(to: folder.appendingPathComponent("data"))
        let script = """
            cd \(folder.path) && ssh-keygen -e -m PKCS8 -f key.pub >public.pem \
            && openssl dgst -sha\(algorithm.suffix(3)) -verify public.pem -signature signature data
            """
        return try await DroverProgram.run(["sh", "-c", script]).status == 0
    }
}
