import Foundation
import TestSupport
import Testing
import Values

/// `drover init`, as somebody types it in an empty folder.
@Suite struct InitTests {
    private func withFolder(_ body: (DroverProgram, _ folder: URL) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in try await body(DroverProgram(in: folder), folder) }
    }

    private func files(below folder: URL) -> [String] {
        (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []).filter { path in
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(atPath: "\(folder.path)/\(path)", isDirectory: &isFolder)
            return isThere && !isFolder.boolValue
        }.sorted()
    }

    @Test(
        arguments: ["static", "python", "binary", "container"],
        [
            [], ["--stages", "production"],
            ["--stages", "test,staging,production", "--pipeline", "none", "--port", "9000"],
            [
                "--balancers", "staging=192.0.2.10", "--members", "staging=web1.example,2001:db8::1", "--user",
                "deploy",
                "--health", "/up?deep=1",
            ],
        ])
    func checkFindsNothingWrong(_ shape: String, _ flags: [String]) async throws {
        try await withFolder { drover, folder in
            let begun = try await drover.run(["init", "--shape", shape, "--name", "shop"] + flags).succeeded()
            let written = begun.output.split(separator: "\n").map(String.init).sorted()
            #expect(written == files(below: folder))
            let checked = try await drover("check")
            #expect(checked.status == 0, "\(checked.errors)")
            #expect(!checked.errors.contains("warning:"), "\(checked.errors)")
            for path in written where path.hasSuffix(".yml") {
                #expect(throws: Never.self, "\(path)") { try YAMLReader.read(file: "\(folder.path)/\(path)") }
            }
            #expect(
                begun.errors.contains(" is what hosts will ") && begun.errors.contains("\nnext:\n    drover check "))
            #expect(begun.errors.split(separator: "\n").allSatisfy { $0.count < 80 || !$0.hasPrefix("    ") })
            #expect(begun.errors.contains("drover trust --stage staging") == flags.contains("staging=192.0.2.10"))
            #expect(written.contains(".gitlab-ci.yml") == !flags.contains("none"))
        }
    }

    /// A balancer signs a certificate itself in labs and before the last stage; production says so for itself.
    @Test(arguments: [
        (["staging", "production"], [], ["staging", "production"]),
        (["staging", "production"], ["staging", "production"], ["staging"]),
        (["production"], ["production"], []), (["production"], [], ["production"]),
        (["test", "staging", "production"], ["staging", "production"], ["test", "staging"]),
    ])
    func whereABalancerMaySignItsCertificate(_ stages: [String], own: [String], signing: [String]) async throws {
        try await withFolder { drover, folder in
            let hosts = own.flatMap { ["--balancers", "\($0)=192.0.2.10", "--members", "\($0)=192.0.2.21"] }
            let stageWords = ["--stages", stages.joined(separator: ",")]
            try await drover.run(["init", "--name", "shop"] + stageWords + hosts).succeeded()
            let found = try stages.filter { stage in
                let text = try String(contentsOfFile: "\(folder.path)/inventory/\(stage).yml", encoding: .utf8)
                return text.contains("balancer_self_signed: true")
            }
            #expect(found == signing)
        }
    }

    @Test func aFileThatIsThereIsListedAndNothingWritten() async throws {
        try await withFolder { drover, folder in
            try FileManager.default.createDirectory(
                atPath: folder.path + "/playbooks", withIntermediateDirectories: true)
            for name in ["Makefile", "playbooks/site.yml"] {
                try Data("mine\n".utf8).write(to: folder.appendingPathComponent(name))
            }
            let refused = try await drover("init")
            #expect(refused.status == 64 && refused.output.isEmpty)
            #expect(refused.errors.contains("that would be written: playbooks/site.yml, Makefile"), "\(refused.errors)")
            #expect(files(below: folder) == ["Makefile", "playbooks/site.yml"])
        }
    }

    @Test(
        arguments: [
            ["--shape", "binray"], ["--name", "Shop"], ["--name", "root"], ["--name", "yes"], ["--port", "0"],
            ["--port", "http"], ["--health", "healthz"], ["--stages", ""], ["--stages", "a,a"], ["--stages", "a,,b"],
            ["--stages", "on"], ["--stages", "all"], ["--balancers", "192.0.2.1"], ["--balancers", "prod=192.0.2.1"],
            ["--balancers", "staging=192.0.2.1"], ["--members", "staging=192.0.2.1"],
            ["--balancers", "staging=a{b}", "--members", "staging=b"], ["--lab-network", "10"],
            ["--lab-network", "10.256"], ["--pipeline", "jenkins"], ["a", "b"],
            ["--balancers", "staging=a", "--members", "staging=b", "--user", "-x"],
        ])
    func aWrongAnswerIsRefusedBeforeAnythingIsWritten(_ flags: [String]) async throws {
        try await withFolder { drover, folder in
            let refused = try await drover.run(["init"] + flags)
            #expect(refused.status == 64, "\(refused.errors)")
            #expect(refused.errors.contains("error: "))
            #expect(files(below: folder).isEmpty)
        }
    }

    @Test func theFolderGivesTheName() async throws {
        try await withFolder { drover, folder in
            for (name, service) in [("My Shop 2", "my-shop-2"), ("42", "service"), ("all", "service")] {
                let begun = try await drover("init", name).succeeded()
                #expect(begun.errors.contains("    cd \(name.contains(" ") ? "'\(name)'" : name)\n"))
                let text = try String(contentsOfFile: "\(folder.path)/\(name)/drover.yml", encoding: .utf8)
                #expect(text.contains("service: \(service)\n"))
            }
        }
    }

    /// Services of `examples/` are what the command of their README writes, with a program of their own.
    @Test(arguments: ["gunicorn", "website"]) func anExampleIsWhatInitWrites(_ name: String) async throws {
        let example = DroverProgram.repository.appendingPathComponent("examples/\(name)")
        let page = try String(contentsOf: example.appendingPathComponent("README.md"), encoding: .utf8)
        let line = try #require(page.firstMatch(of: /\n    drover (init .*)\n/)).output.1
        try await withFolder { drover, folder in
            let begun = try await drover.run(line.split(separator: " ").map(String.init)).succeeded()
            for path in begun.output.split(separator: "\n").map(String.init) {
                let written = try Data(contentsOf: folder.appendingPathComponent(path))
                let kept = try Data(contentsOf: example.appendingPathComponent(path))
                // Settings stand at the end, where an example has any.
                #expect(path == "drover.yml" ? kept.starts(with: written) : kept == written, "\(path)")
            }
            let checked = try await DroverProgram(in: example, environment: ["DROVER_STATE": folder.path])("check")
            #expect(checked.status == 0, "\(checked.errors)")
        }
    }

    /// `script` gives the program a terminal.
    @Test func aTerminalIsAskedWhatNoFlagSays() async throws {
        try await withFolder { drover, folder in
            let answers = #"statc\nstatic\n70000\n8081\n\n192.0.2.10\n192.0.2.21 192.0.2.22\n\ndeploy\n"#
            let line = "'\(DroverProgram.binary)' init --name shop"
            let asked = try await drover.runBeside([
                "sh", "-c", #"printf '\#(answers)' | script -qec "$1" /dev/null"#, "sh", line,
            ]).succeeded()
            #expect(
                asked.output.contains("--shape takes static, python, binary or container, not 'statc'"),
                "\(asked.output)")
            #expect(asked.output.contains("did you mean 'static'?") && asked.output.contains("'70000' is no port"))
            let text = try String(contentsOfFile: "\(folder.path)/inventory/staging.yml", encoding: .utf8)
            #expect(text.contains("ap2: {ansible_host: 192.0.2.22}") && text.contains("ansible_user: deploy"))
            #expect(!text.contains("lab"))
            #expect(try String(contentsOfFile: "\(folder.path)/drover.yml", encoding: .utf8).contains("port: 8081\n"))
        }
    }
}
