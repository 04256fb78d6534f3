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

    private static let twoStages = """
        service: shop
        pool: {name: shop, balancers: lb, members: ap, port: 80}
        stages:
          staging: {inventory: inventory/hosts.yml}
          production: {inventory: inventory/hosts.yml, playbook: plays/site.yml}

        """

    @Test(arguments: [
        ("production:ap", ["ap1", "ap2"]), ("production:ap:!ap1", ["ap2"]), ("production", ["ap1", "ap2", "lb1"]),
        ("production:", ["ap1", "ap2", "lb1"]),
    ])
    func aStageBeforeThePatternNeedsNoFlag(_ pattern: String, _ hosts: [String]) async throws {
        try await withService(local: true) { drover in
            try Self.twoStages.write(toFile: drover.folder + "/drover.yml", atomically: true, encoding: .utf8)
            let listed = try await drover("inventory", "--hosts", pattern).succeeded()
            #expect(listed.output.split(separator: "\n").map(String.init) == hosts)
            let below = DroverProgram(in: URL(fileURLWithPath: drover.folder + "/plays"))
            for drover in [drover, below] {
                let run = try await drover("run", pattern, "--", "echo here").succeeded()
                #expect(run.output.contains("here"), "\(run.output)")
            }
            let one = try await drover("run", "ap", "--", "true")
            #expect(one.status == 64 && one.errors.contains("put it before the pattern: staging:ap, "), "\(one.errors)")
        }
    }

    @Test func anInventoryThatIsNamedHasNoStagesInIt() async throws {
        try await withService(local: true) { drover in
            let usual = DroverProgram(
                in: URL(fileURLWithPath: drover.folder), environment: ["DROVER_INVENTORY": "inventory/hosts.yml"])
            for (drover, flags) in [(drover, ["-i", "inventory/hosts.yml"]), (usual, [])] {
                let refused = try await drover.run(["ping", "production:ap"] + flags)
                #expect(refused.status == 64 && refused.errors.contains("'production'"), "\(refused.errors)")
            }
        }
    }

    @Test(arguments: ["ap", "ap:lb"]) func aStageThatIsCalledAsAGroupIsNamedByItsFlag(_ pattern: String) async throws {
        try await withService(local: true) { drover in
            let file = Self.twoStages.replacing("production:", with: "ap:")
            try file.write(toFile: drover.folder + "/drover.yml", atomically: true, encoding: .utf8)
            let refused = try await drover("run", pattern, "--", "true")
            #expect(
                refused.status == 64 && refused.errors.contains("name the stage with --stage ap"), "\(refused.errors)")
            try await drover("run", "--stage", "ap", "ap", "--", "true").succeeded()
        }
    }

    @Test func theOnlyStageNeedsNoName() async throws {
        try await withService(local: true) { drover in
            let run = try await drover("run", "ap", "--", "echo here").succeeded()
            #expect(run.output == "2 hosts said: ap1, ap2\nhere\n")
            #expect(try await drover("ping").succeeded().output.contains("lb1"))
            #expect(try await drover("inventory", "--host", "ap1").succeeded().output.contains("local"))
        }
    }

    @Test(arguments: [
        (["ping", "--stage", "production", "-i", "inventory/hosts.yml"], "--stage and -i exclude each other"),
        (["ping", "--service", "drover.yml", "-i", "inventory/hosts.yml"], "--service and -i exclude each other"),
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
