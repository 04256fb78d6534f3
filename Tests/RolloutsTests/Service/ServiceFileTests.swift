import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct ServiceFileTests {
    private static let good = """
        service: bookmark
        units: [bookmark.service]
        pool: {name: bookmark, balancers: lb, members: ap, port: 8080}
        stages:
          staging:
            inventory: staging.yml
          production:
            inventory: [a.yml, b.yml]
            after: staging
            bake: 5m
            rollout: {canary: 2, batch: 25%, drain: 500ms, budget: 1, minimum: 3}
            gates:
              - http: {path: /healthz, expect: 204, port: 8080}
              - command: scripts/smoke
                timeout: 2m
        """

    private static func read(_ text: String) async throws -> ServiceFile {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("drover.yml")
            let script = folder.appendingPathComponent("scripts/smoke")
            try FileManager.default.createDirectory(
                at: script.deletingLastPathComponent(), withIntermediateDirectories: true)
            try "#!/bin/sh\n".write(to: script, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
            try "notes".write(
                to: folder.appendingPathComponent("scripts/notes"), atomically: true, encoding: .utf8)
            try text.write(to: file, atomically: true, encoding: .utf8)
            return try ServiceFileReader.read(file.path)
        }
    }

    @Test func whatIsWrittenIsRead() async throws {
        let file = try await Self.read(Self.good)
        #expect(file.root == "/srv/bookmark")
        #expect(file.pool.configFile == "/etc/haproxy/pools/bookmark.cfg")
        #expect(file.stages.map(\.name) == ["staging", "production"])
        #expect(file.retention.runs == 200 && file.retention.builds == 20)
        let keeping = try await Self.read(Self.good + "\nretention: {runs: 100, builds: 3}\n").retention
        #expect(keeping.runs == 100 && keeping.builds == 3)
        #expect(try await Self.read(Self.good + "\nretention: {releases: 0}\n").layout(of: "staging").keeps == 0)
        #expect(file.layout(of: "staging").keeps == 3)
        #expect(file.builds == nil)
        let sharing = try await Self.read(Self.good + "\nbuilds: ssh://depot/srv/builds\n")
        #expect(sharing.builds?.description == "ssh://depot/srv/builds")
        let production = try file.stage("production")
        #expect(production.inventory == ["a.yml", "b.yml"])
        #expect(production.after == "staging")
        #expect(production.bake == .seconds(300))
        #expect(
            production.rollout
                == RolloutPolicy(
                    canary: 2, batch: .percent(25), drain: .milliseconds(500), budget: 1, minimumInService: 3))
        #expect(
            production.gates == [
                .page(PageGate(path: "/healthz", expect: 204...204, port: 8080)),
                .command("scripts/smoke", timeout: .seconds(120)),
            ])
    }

    @Test func theRepositorysOwnFileIsGood() throws {
        let path = DroverProgram.repository.appendingPathComponent("drover.yml").path
        let file = try ServiceFileReader.read(path)
        #expect(file.stages.map(\.name) == ["staging", "production"])
        #expect(throws: InputError.self) { try file.stage("prodution") }
    }

    @Test func whoHasToSignIsRead() async throws {
        let file = try await Self.read(Self.good + "\nrequire_signature: scripts/notes\n")
        #expect(file.signatures?.signers.hasSuffix("/scripts/notes") == true && file.signatures?.revoked == nil)
        #expect(file.signatures?.location.line == 16)
        let own = Self.good.replacing(
            "inventory: staging.yml",
            with: "inventory: staging.yml\n    require_signature: {signers: scripts/notes, revoked: scripts/smoke}")
        let staging = try await Self.read(own).stage("staging").signatures
        #expect(staging?.revoked?.hasSuffix("/scripts/smoke") == true)
        for (wrong, message) in [
            ("none", "there is no file 'none', or it cannot be read"),
            ("{revoked: scripts/notes}", "require_signature lacks 'signers'"),
            ("{signers: none, revoked: neither}", "there is no file 'none'"),
            ("[a]", "must be a file of allowed signers, or a mapping"),
            ("{signer: scripts/notes}", "unknown key 'signer' in require_signature"),
        ] {
            let error = await #expect(throws: InputError.self) {
                _ = try await Self.read(Self.good + "\nrequire_signature: \(wrong)\n")
            }
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let wrong: String, right: String, message: String
        var place = ""
        var hint: String?
        var testDescription: String { wrong }
    }

    @Test(arguments: [
        Mistake(
            wrong: "servce: bookmark", right: "service: bookmark", message: "unknown key 'servce'", place: "1:1",
            hint: "did you mean 'service'?"),
        Mistake(wrong: "port: 80800}\n", right: "port: 8080}\n", message: "port must be a number from 1 to 65535"),
        Mistake(wrong: "canary: x", right: "canary: 2", message: "canary must be a number", place: "11:"),
        Mistake(wrong: "batch: 250%", right: "batch: 25%", message: "batch must be a number of hosts or a percentage"),
        Mistake(wrong: "drain: 5 fortnights", right: "drain: 500ms", message: "drain must be a time such as 500ms"),
        Mistake(
            wrong: "after: stagin", right: "after: staging",
            message: "comes after 'stagin', which is no stage above it",
            place: "9:", hint: "stages above it: staging"),
        Mistake(
            wrong: "- htp: {path: /healthz, expect: 204, port: 8080}",
            right: "- http: {path: /healthz, expect: 204, port: 8080}", message: "unknown key 'htp' in gate",
            place: "13:",
            hint: "did you mean 'http'?"),
        Mistake(wrong: "path: healthz", right: "path: /healthz", message: "path must be a URL's path"),
        Mistake(
            wrong: "units: [5]", right: "units: [bookmark.service]", message: "units must be text, but is the number 5"),
        Mistake(wrong: "budget: -1", right: "budget: 1", message: "budget must be a number from 0"),
        Mistake(wrong: "members: ", right: "members: ap", message: "pool lacks 'members'"),
    ])
    func aMistakeHasAPlaceAndAHint(_ mistake: Mistake) async throws {
        let text = Self.good.replacingOccurrences(of: mistake.right, with: mistake.wrong)
        #expect(text != Self.good)
        do {
            _ = try await Self.read(text)
            Issue.record("nothing was thrown")
        } catch let error as InputError {
            #expect(error.message.contains(mistake.message))
            #expect(error.subject?.contains("drover.yml:" + mistake.place) == true, "\(error.subject ?? "")")
            if let hint = mistake.hint { #expect(error.hints == [hint]) }
        }
    }
}
