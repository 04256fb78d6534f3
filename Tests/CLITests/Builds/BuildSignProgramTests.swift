import Foundation
import TestSupport
import Testing

/// Signed builds, as an operator types it.
@Suite struct BuildSignProgramTests {
    private static let service = """
        service: shop
        require_signature: {signers: keys/signers, revoked: keys/revoked}
        pool: {name: shop, balancers: lb, members: web, port: 80}
        stages:
          staging: {inventory: staging.yml}

        """

    /// A service of one host that refuses connections, a folder to pack, and the keys of alice, who may sign, and mallory.
    private func withService(_ body: (DroverProgram) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            let files = [
                "drover.yml": Self.service,
                "staging.yml":
                    "web: {hosts: {s1: {ansible_host: 127.0.0.1, ansible_port: 1}}}\nlb: {hosts: {sb: {}}}\n",
            ]
            for (name, text) in files {
                try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            try await drover.runBeside([
                "sh", "-ec",
                """
                mkdir -p dist/bin keys; echo 1 >dist/bin/run; : >keys/revoked
                for n in alice mallory; do ssh-keygen -q -t ed25519 -N '' -C $n -f keys/$n; done
                echo "alice@example.com $(cut -d' ' -f1,2 keys/alice.pub)" >keys/signers
                """,
            ]).succeeded()
            try await body(drover)
        }
    }

    @Test func whoSignedIsListed() async throws {
        try await withService { drover in
            let made = try await drover("build", "make", "dist", "--version", "1", "--sign", "keys/mallory").succeeded()
            let digest = String(made.output.prefix(64))
            #expect(try await drover("build", "list").succeeded().output.contains("SHA256:"))
            let signed = try await drover("build", "sign", "shop-1", "--key", "keys/alice").succeeded()
            #expect(signed.output == "\(digest)  shop-1\n" && signed.errors.contains("signed with SHA256:"))
            #expect(try await drover("build", "list").succeeded().output.contains("alice@example.com"))
            let listed = try await drover("build", "list", "--format", "json").succeeded().output
            let builds = try #require(try JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [[String: Any]])
            let signatures = try #require(builds.first?["signatures"] as? [[String: Any]])
            #expect(signatures.compactMap { $0["signer"] as? String } == ["alice@example.com"] && signatures.count == 2)
            #expect((builds.first?["tar"] as? String)?.count == 64)
        }
    }

    @Test func aBuildThatNobodySignedGoesNowhere() async throws {
        try await withService { drover in
            try await drover("build", "make", "dist", "--version", "1").succeeded()
            let refused = try await drover("rollout", "staging", "shop-1").ended(1)
            #expect(refused.errors.contains("is not sent anywhere: nobody has signed it"), "\(refused.errors)")
            #expect(refused.errors.contains("drover.yml:2") && refused.errors.contains("drover build sign"))
            try await drover("build", "sign", "shop-1", "--key", "keys/mallory").succeeded()
            let stranger = try await drover("rollout", "staging", "shop-1").ended(1)
            #expect(stranger.errors.contains("which is no allowed signer's"), "\(stranger.errors)")
            try await drover("build", "sign", "shop-1", "--key", "keys/alice").succeeded()
            let vouched = try await drover.run(["rollout", "staging", "shop-1"])
            #expect(vouched.errors.contains("is signed by alice@example.com"), "\(vouched.errors)")
            #expect(!vouched.errors.contains("is not sent anywhere"), "what stops it now is that nobody answers")
            try await drover.runBeside(["cp", "keys/alice.pub", "keys/revoked"]).succeeded()
            let revoked = try await drover("rollout", "staging", "shop-1").ended(1)
            #expect(revoked.errors.contains("which does not hold"), "\(revoked.errors)")
        }
    }

    @Test(arguments: [
        (["build", "sign", "shop-1", "--key", "keys/none"], "there is no such key"),
        (["build", "sign", "shop-1", "--key", "keys/signers"], "the key does not sign"),
        (["build", "sign", "nobody", "--key", "keys/alice"], "no build that is called so"),
        (["build", "make", "dist", "-o", "a.tar", "--sign", "keys/alice"], "--sign goes with a build that is kept"),
    ])
    func whatCannotBeSignedIsTold(_ words: [String], _ message: String) async throws {
        try await withService { drover in
            try await drover("build", "make", "dist", "--version", "1").succeeded()
            let refused = try await drover.run(words)
            #expect(refused.status != 0 && refused.errors.contains(message), "\(refused.errors)")
        }
    }
}
