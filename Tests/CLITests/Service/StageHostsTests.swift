import Foundation
import TestSupport
import Testing

/// `--stage` in place of `-i`, wherever hosts are named.
@Suite(.timeLimit(.minutes(1))) struct StageHostsTests {
    /// Hosts whose addresses stand beside the stage's playbook, where nobody listens.
    private func withService(local: Bool, _ body: (DroverProgram) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let files = [
                "drover.yml": """
                service: shop
                pool: {name: shop, balancers: lb, members: ap, port: 80}
                stages:
                  production: {inventory: inventory/hosts.yml, playbook: plays/site.yml}

                """,
                "inventory/hosts.yml": "{ap: {hosts: {ap1: , ap2: }}, lb: {hosts: {lb1: }}}\n",
                "plays/site.yml": "- hosts: all\n",
                "plays/group_vars/all.yml": local
                    ? "ansible_connection: local\n" : "{ansible_host: 127.0.0.1, ansible_port: 1}\n",
            ]
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            try await body(DroverProgram(in: folder))
        }
    }

    @Test func commandsGoToTheStagesHostsAsItsPlaybooksReachThem() async throws {
        try await withService(local: true) { drover in
            let run = try await drover("run", "--stage", "production", "ap", "--", "echo here").succeeded()
            #expect(run.output == "2 hosts said: ap1, ap2\nhere\n")
            let ping = try await drover("ping", "--stage", "production", "--format", "json").succeeded()
            #expect(ping.output.contains(#""host" : "lb1""#), "\(ping.output)")
            let copied = try await drover("cp", "--stage", "production", "ap1", "drover.yml", "copy.yml").succeeded()
            #expect(copied.status == 0)
        }
    }

    @Test(arguments: [["run", "ap1", "--", "true"], ["ping", "ap1"], ["doctor", "ap1"], ["trust", "ap1", "--yes"]])
    func theAddressIsTheOneBesideThePlaybook(_ words: [String]) async throws {
        try await withService(local: false) { drover in
            let told = try await drover.run([words[0], "--stage", "production"] + words.dropFirst())
            #expect(told.status == 1)
            #expect((told.output + told.errors).contains("127.0.0.1"), "\(told.output)\(told.errors)")
        }
    }

    @Test func theInventoryIsTheStages() async throws {
        try await withService(local: true) { drover in
            let hosts = try await drover("inventory", "--stage", "production", "--hosts", "ap").succeeded()
            #expect(hosts.output == "ap1\nap2\n")
            let one = try await drover("inventory", "--stage", "production", "--host", "ap1").succeeded()
            #expect(one.output.contains(#""ansible_connection": "local""#), "\(one.output)")
        }
    }

    @Test(arguments: [
        (["ping", "--stage", "production", "-i", "inventory/hosts.yml"], "--stage and -i exclude each other"),
        (["ping", "--service", "drover.yml", "-i", "inventory/hosts.yml"], "--service goes with --stage"),
        (["ping", "--stage", "prodution"], "stages: production"),
        (["run", "--stage", "production", "pa1", "--", "true"], "did you mean 'ap1'"),
        (["ssh", "--stage", "production", "ap"], "'ap' names 2"),
        (["inventory", "--stage", "production", "--playbook-dir", "plays"], "a stage names its playbooks"),
    ])
    func whatIsWrongIsSaid(_ words: [String], _ said: String) async throws {
        try await withService(local: true) { drover in
            let refused = try await drover.run(words)
            #expect(refused.status == 64 && refused.errors.contains(said), "\(refused.errors)")
        }
    }
}
