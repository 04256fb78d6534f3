import Foundation
import TestSupport
import Testing

@testable import CLI

/// `drover.yml` counts in the folders below its own; what is typed there is seen from there.
@Suite struct SubfolderTests {
    private static let service = """
        service: shop
        units: []
        pool: {name: shop, balancers: lb, members: web, port: 80}
        stages:
          staging:
            inventory: inventory/staging.yml
            playbook: playbooks/site.yml
            gates: [{command: scripts/smoke}]
        """

    /// A service, and a folder two levels below it.
    private static func inService(
        _ service: String = service, _ body: @Sendable (_ top: URL, _ below: URL) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { top in
            let below = top.appendingPathComponent("playbooks/roles")
            let hosts = "web: {hosts: {w1: {ansible_host: 127.0.0.7}}}\nlb: {hosts: {l1: {ansible_host: 127.0.0.8}}}\n"
            for (name, text) in [
                "drover.yml": service, "inventory/staging.yml": hosts, "scripts/smoke": "#!/bin/sh\n",
                "playbooks/site.yml": "- hosts: web\n  connection: local\n  tasks: [{debug: {msg: planned}}]\n",
                "playbooks/roles/own.yml": "web: {hosts: {w9: {}}}\n",
            ] {
                let file = top.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: top.appendingPathComponent("scripts/smoke").path)
            try await body(top, below)
        }
    }

    @Test func theServicesFileAndItsPathsAreFoundFromBelow() async throws {
        try await Self.inService { top, below in
            let drover = DroverProgram(in: below)
            let hosts = try await drover("inventory", "--stage", "staging", "--hosts", "web")
            #expect(hosts.status == 0 && hosts.output == "w1\n", "\(hosts.errors)")
            let playbook = try await drover("apply", "-t", "always", "../site.yml", "-i", "../../inventory/staging.yml")
            #expect(playbook.status == 0, "\(playbook.output)\(playbook.errors)")
        }
    }

    @Test func stateIsKeptBesideTheServicesFile() async throws {
        try await Self.inService { top, below in
            let builds = try await DroverProgram(in: below)("build", "list")
            #expect(builds.status == 0, "\(builds.errors)")
            #expect(FileManager.default.fileExists(atPath: top.path + "/.drover/journal.sqlite"))
            #expect(!FileManager.default.fileExists(atPath: below.path + "/.drover"))
            let terminal = Terminal(isInteractive: false, hasColour: false)
            let seams = Seams(
                terminal: terminal, environment: [:], workingFolder: below.path,
                passwords: Passwords(terminal: terminal, environment: [:]))
            #expect(seams.stateFolder == top.path + "/.drover", "labs are beside it too")
        }
    }

    @Test func inventoriesAreSeenFromWhereTheyAreTyped() async throws {
        try await Self.inService { _, below in
            let hosts = try await DroverProgram(in: below)("inventory", "-i", "own.yml", "--hosts", "all")
            #expect(hosts.output == "w9\n", "\(hosts.errors)")
        }
    }

    @Test func aMistakeIsPlacedAsSeenFromBelow() async throws {
        try await Self.inService(Self.service + "\nservce: x\n") { _, below in
            let refused = try await DroverProgram(in: below)("status")
            #expect(refused.status == 64)
            #expect(refused.errors.contains("../../drover.yml:9:1: unknown key 'servce'"), "\(refused.errors)")
        }
    }

    @Test(.enabled("needs root, to give a file away") { geteuid() == 0 })
    func somebodyElsesFileCountsOnlyWhereItIsNamed() async throws {
        try await Self.inService { top, below in
            #expect(chown(top.path + "/drover.yml", 4242, 4242) == 0)
            let refused = try await DroverProgram(in: below)("inventory", "--stage", "staging")
            #expect(refused.status == 64)
            #expect(refused.errors.contains("../../drover.yml: the file belongs to another user"), "\(refused.errors)")
            #expect(refused.errors.contains("--service ../../drover.yml"), "\(refused.errors)")
            let sudo = DroverProgram(in: below, environment: ["SUDO_UID": "4242"])
            for (drover, words) in [
                (DroverProgram(in: below), ["--service", "../../drover.yml"]), (DroverProgram(in: top), []), (sudo, []),
            ] {
                let shown = try await drover.run(["inventory", "--stage", "staging"] + words)
                #expect(shown.status == 0, "\(shown.errors)")
            }
        }
    }
}
