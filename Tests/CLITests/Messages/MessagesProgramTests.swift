import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// What the program says of what it does, to those who ask, against a real sshd.
    @Suite struct MessagesProgramTests {
        private static let secret = "hidden-\(UInt32.random(in: 100_000...999_999))"

        private static let play = """
            - hosts: all
              gather_facts: false
              tasks:
                - shell: "echo {{ plain }}"
                - shell: "echo {{ 'SECRET' }} | tee no-log"
                  args: {chdir: "DIR"}
                  no_log: true
                - copy: {dest: "DIR/made", content: "SECRET {{ 1 }}"}
                  no_log: true
                - fail: {msg: "meant so"}
                  ignore_errors: true
            """

        private func withPlay(_ body: (DroverProgram, _ inventory: String, URL) async throws -> Void) async throws {
            try await ThrowawaySSHD.with { server in
                let folder = server.folder
                let play = Self.play.replacing("DIR", with: folder.path).replacing("SECRET", with: Self.secret)
                try play.write(
                    to: folder.appendingPathComponent("play.yml"), atomically: true, encoding: .utf8)
                try await body(DroverProgram(in: folder), try server.inventory(hosts: 3, "plain=seen"), folder)
            }
        }

        @Test func eachDepthSaysMore() async throws {
            try await withPlay { drover, inventory, _ in
                var earlier = ""
                for (flag, word) in [
                    ("-v", "· h1: connected to "), ("-vv", "· h2: echo said: status 0 in "),
                    ("-vvv", "· h1: wrote\n    said\n"),
                ] {
                    let run = try await drover("run", "-i", inventory, flag, "all", "--", "echo said").succeeded()
                    #expect(run.errors.contains(word) && !earlier.contains(word), "\(run.errors)")
                    #expect(run.output == "3 hosts said: h[1-3]\nsaid\n")
                    earlier = run.errors
                }
            }
        }

        @Test func aLogHoldsEverythingButSecrets() async throws {
            try await withPlay { drover, inventory, folder in
                let log = folder.appendingPathComponent("messages")
                let run = try await drover("apply", "play.yml", "-i", inventory, "-vvv", "--log-file", log.path)
                #expect(run.status == 0, "\(run.errors)")
                let kept = try String(contentsOf: log, encoding: .utf8)
                for text in [run.errors, kept] {
                    #expect(text.contains("echo seen") && text.contains("what no_log may hide"), "\(text)")
                    #expect(!text.contains(Self.secret), "\(text)")
                }
                #expect(kept.contains("1. shell  changed: h[1-3]"), "what was written stands there too")
                for line in kept.split(separator: "\n") {
                    #expect(line.prefixMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ./) != nil, "\(line)")
                }
                let mode = try FileManager.default.attributesOfItem(atPath: log.path)[.posixPermissions] as? Int
                #expect(mode == 0o600)
                try await drover("ping", "-i", inventory, "--log-file", "/nowhere/log").failed(64)
            }
        }

        @Test func theEnvironmentNamesALogAndErrorsAreInIt() async throws {
            try await withPlay { _, _, folder in
                let drover = DroverProgram(in: folder, environment: ["DROVER_LOG_FILE": "messages"])
                try await drover("ping", "-i", "none.yml").failed(64)
                let kept = try String(contentsOf: folder.appendingPathComponent("messages"), encoding: .utf8)
                #expect(kept.contains("Z error: none.yml"), "\(kept)")
            }
        }

        @Test func quietSaysWhatWentWrong() async throws {
            try await withPlay { drover, inventory, _ in
                let run = try await drover("apply", "play.yml", "-i", inventory, "-q").succeeded()
                #expect(run.output.hasPrefix("  4. fail  ignored: h[1-3]\n"), "\(run.output)")
                #expect(run.output.contains("meant so"))
                let failed = try await drover("run", "-i", inventory, "-q", "all", "--", "exit 3").failed(1)
                #expect(failed.errors.hasSuffix("\nerror: h[1-3]: command ended with status 3\n"), "\(failed.errors)")
            }
        }

        @Test func coloursAreForced() async throws {
            try await withPlay { drover, inventory, _ in
                let coloured = try await drover("plan", "play.yml", "-i", inventory, "--color", "always").succeeded()
                #expect(coloured.output.contains("\u{1B}[1mplay\u{1B}[22m all"))
                let failed = try await drover("ping", "-i", "none.yml", "--color", "always").failed(64)
                #expect(failed.errors.contains("\u{1B}[31merror:\u{1B}[39m none.yml"), "\(failed.errors)")
            }
        }

        @Test func listsMayBeNamesAlone() async throws {
            try await withPlay { drover, inventory, _ in
                for command in ["ping", "doctor", "inventory"] {
                    let names = try await drover(command, "-i", inventory, "--format", "name").succeeded()
                    #expect(names.output == "h1\nh2\nh3\n", "\(command): \(names.output)")
                }
                try await drover("run", "-i", inventory, "all", "--format", "name", "--", "true").failed(64)
            }
        }

        @Test func manyWarningsAreFolded() async throws {
            try await ThrowawaySSHD.with { server in
                let drover = DroverProgram(in: server.folder)
                let inventory = try server.inventory(hosts: 20)
                let folded = try await drover("ping", "h1", "-i", inventory).succeeded().errors
                #expect(folded.components(separatedBy: "warning: ").count == 1 + 5 + 1, "\(folded)")
                #expect(folded.contains("warning: and 14 more of the inventory's warnings, which -v tells"))
                let whole = try await drover("ping", "h1", "-i", inventory, "-v").succeeded().errors
                #expect(whole.components(separatedBy: "warning: ").count == 1 + 19, "\(whole)")
            }
        }

        @Test func manyHostsEndWithATally() async throws {
            try await withPlay { drover, inventory, _ in
                for output in ["grouped", "stream"] {
                    let run = try await drover("run", "-i", inventory, "all", "--output", output, "--", "echo")
                    #expect(run.errors.hasSuffix("3 hosts: 3 done\n"), "\(run.errors)")
                    let one = try await drover("run", "-i", inventory, "h1", "--output", output, "--", "echo")
                    #expect(!one.errors.contains("1 host: "), "\(one.errors)")
                }
            }
        }
    }
}

extension Transcript {
    /// The same, which ended with `status`.
    @discardableResult
    fileprivate func failed(_ status: Int32) throws -> Self {
        #expect(self.status == status, "\(output) \(errors)")
        return self
    }
}
