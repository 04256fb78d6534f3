import Foundation
import TestSupport
import Testing

/// `builds:` in drover.yml and `$DROVER_BUILDS`, as runners with journals of their own have them.
@Suite(.serialized, .sshd, .timeLimit(.minutes(5))) struct SharedBuildsProgramTests {
    /// A service whose builds are shared on a host of its inventory, and runners that have nothing but a clone.
    private struct Scene: Sendable {
        let folder: URL
        let server: ThrowawaySSHD
        var environment: [String: String] = [:]

        /// A machine with a state of its own.
        func runner(_ name: String) -> DroverProgram {
            let state = ["DROVER_STATE": "\(folder.path)/\(name)"]
            return DroverProgram(in: folder, environment: state.merging(environment) { _, other in other })
        }

        var place: String { folder.path + "/store/shop" }

        func pack(_ name: String, _ script: String) async throws {
            try await DroverProgram.run([
                "env", "-C", folder.path, "sh", "-ec", script + "; tar -cf \"$1\" data; rm data", "sh", name,
            ]).succeeded()
        }

        /// What lies there under a digest.
        var digests: [String] {
            get throws { try FileManager.default.contentsOfDirectory(atPath: place).filter { $0.count == 64 } }
        }
    }

    private func withService(
        _ builds: (_ folder: String) -> String = { "ssh://depot\($0)/store" },
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await ThrowawaySSHD.with { server in
            try await withTemporaryFolder { folder in
                let files = [
                    "drover.yml": """
                    service: shop
                    builds: \(builds(folder.path))
                    pool: {name: shop, balancers: lb, members: ap, port: 80}
                    stages:
                      staging: {inventory: hosts.ini}
                      production: {inventory: hosts.ini, after: staging}

                    """,
                    // Nobody listens where the service's own hosts are.
                    "hosts.ini": """
                    [ap]
                    ap1 ansible_host=127.0.0.1 ansible_port=1

                    [lb]
                    lb1 ansible_host=127.0.0.1 ansible_port=1

                    [stores]
                    depot ansible_host=127.0.0.1 ansible_port=\(server.port)

                    [stores:vars]
                    ansible_ssh_private_key_file=\(server.clientKey())
                    ansible_ssh_common_args=-o UserKnownHostsFile=\(server.knownHosts)
                    """,
                ]
                for (name, text) in files {
                    try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
                }
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent("store"), withIntermediateDirectories: true)
                try await body(Scene(folder: folder, server: server))
            }
        }
    }

    @Test func aRunnerWithAnEmptyJournalLearnsWhatIsKnownOfABuild() async throws {
        try await withService { scene in
            try await scene.pack("one.tar", "echo 1 >data")
            let words = ["build", "add", "one.tar", "--name", "shop-1", "--provenance", "pipeline=7"]
            let added = try await scene.runner("first").run(words).succeeded()
            let digest = String(added.output.prefix(64))
            #expect(try scene.digests == [digest])
            let other = scene.runner("second")
            let listed = try await other("build", "list", "--format", "json").succeeded()
            let answers = try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [[String: Any]]
            let answer = try #require(answers?.first)
            #expect(answer["name"] as? String == "shop-1" && answer["digest"] as? String == digest)
            #expect((answer["provenance"] as? [String: String])?["pipeline"] == "7")
            #expect(answer["here"] as? Bool == false && answer["shared"] as? Bool == true)
            let table = try await scene.runner("first")("build", "list").succeeded()
            #expect(table.output.contains("here,shared"), "\(table.output)")
            // Named by its digest it is found, though neither journal nor hosts know it; then the hosts are silent.
            let rollout = try await other("rollout", "staging", String(digest.prefix(12)), "-T", "2")
            #expect(rollout.status != 0 && !rollout.errors.contains("no build has a digest"), "\(rollout.errors)")
            let refused = try await other("build", "remove", digest, "-T", "2")
            #expect(refused.status == 1, "\(refused.errors)")
            #expect(refused.errors.contains("nobody has noted what stage staging runs"), "\(refused.errors)")
            let removed = try await other("build", "remove", digest, "--force").succeeded()
            #expect(removed.output.contains(", where builds are shared"), "\(removed.output)")
            #expect(try scene.digests == [])
        }
    }

    @Test(arguments: [false, true])
    func aRunnerThatIsKilledWhileItAddsLeavesNothingToBeSeen(isFolder: Bool) async throws {
        try await withService(isFolder ? { _ in "store" } : { "ssh://depot\($0)/store" }) { scene in
            try await scene.pack("large.tar", "head -c 200000000 /dev/zero >data")
            let script = """
                "$1" build add large.tar & process=$!
                until ls -A "$2" 2>/dev/null | grep -q 'drover'; do kill -0 $process || exit 9; done
                kill -KILL $process; wait $process; [ $? = 137 ]
                """
            let killed = try await scene.runner("first").runBeside([
                "bash", "-c", script, "bash", DroverProgram.binary, scene.place,
            ])
            #expect(killed.status == 0, "it was not killed in the middle: \(killed.errors)")
            #expect(try scene.digests == [])
            let listed = try await scene.runner("second")("build", "list", "--format", "json").succeeded()
            #expect(listed.output.filter { !$0.isWhitespace } == "[]")
            try await scene.runner("second")("build", "add", "large.tar").succeeded()
            #expect(try scene.digests.count == 1)
        }
    }

    @Test func aStoreThatIsAwayIsAnErrorWhereItIsNeededAndElseAWarning() async throws {
        try await withService({ _ in "ssh://ap1/srv/builds" }) { scene in
            try await scene.pack("one.tar", "echo 1 >data")
            let runner = scene.runner("first")
            let added = try await runner("build", "add", "one.tar")
            #expect(added.status == 1, "\(added.errors)")
            #expect(added.errors.contains("error: ssh://ap1/srv/builds: it cannot be asked: "))
            #expect(added.errors.contains("is on this machine; share it by adding its file again"))
            let listed = try await runner("build", "list").succeeded()
            #expect(listed.output.contains(" here ") && listed.errors.contains("not asked where builds are shared"))
            let unknown = try await scene.runner("second")("rollout", "staging", "0123456789ab", "-T", "2")
            #expect(unknown.status == 1 && unknown.errors.contains("it cannot be asked"), "\(unknown.errors)")
            // A rollout of a file goes on without it; here as far as the hosts, who are not there.
            let rollout = try await runner("rollout", "staging", "one.tar", "-T", "2")
            #expect(rollout.errors.contains("was not put into ssh://ap1/srv/builds"), "\(rollout.errors)")
            #expect(rollout.errors.contains("hosts and balancers answer"), "\(rollout.errors)")
        }
    }

    @Test func theEnvironmentWinsAndWhatNoInventoryNamesIsReachedByItsName() async throws {
        try await withService { scene in
            try await scene.pack("one.tar", "echo 1 >data")
            var other = scene
            other.environment = ["DROVER_BUILDS": "store"]
            try await other.runner("first")("build", "add", "one.tar").succeeded()
            #expect(try scene.digests.count == 1)
            other.environment = ["DROVER_BUILDS": "ssh://127.0.0.1:\(scene.server.port)\(scene.folder.path)/store"]
            let refused = try await other.runner("first")(
                "build", "add", "one.tar", "--private-key", scene.server.clientKey())
            #expect(refused.status == 1, "\(refused.errors)")
            #expect(
                refused.errors.contains(
                    "hint: check its fingerprint and trust it by logging in once: ssh -p \(scene.server.port) 127.0.0.1"
                ),
                "\(refused.errors)")
            other.environment = ["DROVER_BUILDS": "ftp://x/y"]
            let nonsense = try await other.runner("first")("build", "list")
            #expect(nonsense.status == 64 && nonsense.errors.contains("$DROVER_BUILDS: builds cannot be 'ftp://x/y'"))
        }
    }

    @Test(arguments: [("builds: ssh://depot", "3:9"), ("builds: [a]", "3:9")])
    func whatIsNoAddressIsRefusedWhereItStands(_ line: String, _ place: String) async throws {
        try await withService { scene in
            let file = scene.folder.appendingPathComponent("drover.yml")
            let text = try String(contentsOf: file, encoding: .utf8)
            let lines = text.split(separator: "\n").map { $0.hasPrefix("builds:") ? "\n" + line : String($0) }
            try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
            let refused = try await scene.runner("first")("build", "list")
            #expect(refused.status == 64 && refused.errors.contains("drover.yml:\(place)"), "\(refused.errors)")
        }
    }
}
