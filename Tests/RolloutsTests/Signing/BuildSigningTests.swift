import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// Who vouches for a build, tried with keys and files of this machine's ssh-keygen.
@Suite struct BuildSigningTests {
    /// Keys of alice, bob and mallory; alice and bob are allowed to sign.
    private struct Desk {
        let folder: URL
        let build: BuildRecord
        let signing = BuildSigning()

        func key(_ name: String) -> String { "\(folder.path)/\(name)" }

        func rule(revoked: String? = nil) -> SignatureRule {
            SignatureRule(
                signers: folder.path + "/signers", revoked: revoked,
                location: SourceLocation(file: "drover.yml", line: 3))
        }

        func run(_ script: String) async throws {
            try await DroverProgram.run(["env", "-C", folder.path, "sh", "-ec", script]).succeeded()
        }

        func signed(by name: String) async throws -> BuildRecord {
            try await signing.sign(build, key: key(name), at: Timestamp(milliseconds: 5))
        }
    }

    private func withDesk(_ body: (Desk) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let digest = try BuildDigest(String(repeating: "ab", count: 32))
            let desk = Desk(
                folder: folder,
                build: BuildRecord(
                    digest: digest, name: "shop-1.2", size: 3, addedAt: Timestamp(milliseconds: 1),
                    tar: TarDigest(String(repeating: "cd", count: 32))))
            try await desk.run(
                """
                for n in alice bob mallory; do ssh-keygen -q -t ed25519 -N '' -C $n -f $n; done
                for n in alice bob; do echo "$n@example.com namespaces=\\"drover-build\\" $(cut -d' ' -f1,2 $n.pub)"; done >signers
                """)
            try await body(desk)
        }
    }

    @Test func whoIsAllowedVouches() async throws {
        try await withDesk { desk in
            let signed = try await desk.signed(by: "alice")
            #expect(signed.signatures.count == 1)
            let verdicts = try await desk.signing.judge(signed, by: desk.rule())
            #expect(verdicts.map(\.signer) == ["alice@example.com"])
            let key = try #require(BuildSigning.key(of: signed.signatures[0]))
            let listed = try await DroverProgram.run(["ssh-keygen", "-lf", desk.key("alice")]).succeeded().output
            #expect(listed.contains(key))
            let both = try await desk.signing.sign(signed, key: desk.key("bob"), at: Timestamp(milliseconds: 6))
            #expect(try await desk.signing.judge(both, by: desk.rule()).compactMap(\.signer).count == 2)
            #expect(try await desk.signed(by: "alice").taking(newsOf: signed).signatures.count == 1, "once is enough")
        }
    }

    @Test func aStrangerDoesNot() async throws {
        try await withDesk { desk in
            let signed = try await desk.signed(by: "mallory")
            let verdicts = try await desk.signing.judge(signed, by: desk.rule())
            #expect(verdicts.count == 1 && verdicts[0].signer == nil)
            #expect(verdicts[0].words.contains("which is no allowed signer's"), "\(verdicts)")
        }
    }

    @Test func aSignatureOfSomethingElseDoesNotHold() async throws {
        try await withDesk { desk in
            let signature = try await desk.signed(by: "alice").signatures[0]
            let other = BuildRecord(
                digest: try BuildDigest(String(repeating: "12", count: 32)), name: "other", size: 3,
                addedAt: Timestamp(milliseconds: 1), tar: desk.build.tar, signatures: [signature])
            let altered = BuildRecord(
                digest: desk.build.digest, name: "shop", size: 3, addedAt: Timestamp(milliseconds: 1),
                tar: TarDigest(String(repeating: "34", count: 32)), signatures: [signature])
            for build in [other, altered] {
                let verdicts = try await desk.signing.judge(build, by: desk.rule())
                guard case .bad(_, let reason) = try #require(verdicts.first) else {
                    Issue.record("\(verdicts)")
                    continue
                }
                #expect(reason.contains("ncorrect signature"), "\(reason)")
            }
            let nonsense = BuildRecord(
                digest: desk.build.digest, name: "shop", size: 3, addedAt: Timestamp(milliseconds: 1),
                tar: desk.build.tar,
                signatures: [BuildSignature(text: "no signature", signedAt: Timestamp(milliseconds: 1))])
            #expect(try await desk.signing.judge(nonsense, by: desk.rule()).compactMap(\.signer) == [])
        }
    }

    @Test func aKeyOfAnotherPurposeAndOneThatIsOverDoNotCount() async throws {
        try await withDesk { desk in
            let signed = try await desk.signed(by: "alice")
            for option in [#"namespaces="git""#, #"namespaces="drover-build",valid-before="20200101""#] {
                try await desk.run("echo 'alice@example.com \(option)' $(cut -d' ' -f1,2 alice.pub) >signers")
                let verdicts = try await desk.signing.judge(signed, by: desk.rule())
                #expect(verdicts.count == 1 && verdicts[0].signer == nil, "\(verdicts)")
            }
        }
    }

    @Test(arguments: ["cp alice.pub revoked", "ssh-keygen -q -k -f revoked alice.pub"])
    func aRevokedKeyDoesNotCount(_ script: String) async throws {
        try await withDesk { desk in
            let signed = try await desk.signed(by: "alice")
            try await desk.run(script)
            let rule = desk.rule(revoked: desk.folder.path + "/revoked")
            let verdicts = try await desk.signing.judge(signed, by: rule)
            #expect(verdicts.count == 1 && verdicts[0].signer == nil, "\(verdicts)")
            let other = try await desk.signing.judge(try await desk.signed(by: "bob"), by: rule)
            #expect(other.map(\.signer) == ["bob@example.com"])
        }
    }

    @Test func whatCannotSignIsTold() async throws {
        try await withDesk { desk in
            for name in ["nobody", "signers"] {
                let error = await #expect(throws: InputError.self) { _ = try await desk.signed(by: name) }
                #expect(
                    error?.hints.isEmpty == false && error?.subject?.hasSuffix(name) == true,
                    "\(String(describing: error))")
            }
            let unknown = BuildRecord(
                digest: desk.build.digest, name: "shop-1.2", size: 3, addedAt: Timestamp(milliseconds: 1))
            await #expect(throws: InputError.self) {
                _ = try await desk.signing.sign(unknown, key: desk.key("alice"), at: Timestamp(milliseconds: 1))
            }
            try await desk.run("rm signers")
            await #expect(throws: InputError.self) { _ = try await desk.signing.judge(desk.build, by: desk.rule()) }
        }
    }
}
