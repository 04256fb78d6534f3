import Foundation
import TestSupport
import Testing

/// `drover logs`, `restart`, `stop` and `start`, run as an operator would on hosts that are this machine.
@Suite(.timeLimit(.minutes(1))) struct LogsTests {
    private func withService(_ body: (DroverProgram) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let hosts = "{ap: {hosts: {ap1: {ansible_host: 127.0.0.7}, ap2: {ansible_host: 127.0.0.8}}}, "
            let files = [
                "drover.yml": """
                service: shop
                units: [shop.service]
                pool: {name: shop, balancers: lb, members: ap, port: 80}
                stages: {production: {inventory: hosts.yml}}

                """,
                "hosts.yml": hosts + "lb: {hosts: {lb1: }}, all: {vars: {ansible_connection: local}}}\n",
                "bin/journalctl": """
                #!/bin/sh
                echo "asked: $*"
                case "$*" in
                *--since=nonsense*) echo "Failed to parse timestamp: nonsense" >&2; exit 1;;
                *--follow*) echo "listening"; exec tail -f /dev/null;;
                esac
                """,
            ]
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("bin/journalctl").path)
            let environment = ["DROVER_STATE": folder.path + "/state", "PATH": "\(folder.path)/bin:/usr/bin:/bin"]
            try await body(DroverProgram(in: folder, environment: environment))
        }
    }

    private let words = "asked: --quiet --no-pager --no-hostname --output short-iso --unit shop.service"

    @Test func linesOfSeveralHostsStandBehindTheirNames() async throws {
        try await withService { drover in
            let all = try await drover("logs", "production").succeeded()
            #expect(
                all.output.split(separator: "\n").sorted() == [
                    "ap1 | \(words) --lines=50", "ap2 | \(words) --lines=50",
                ])
            let one = try await drover("logs", "production", "ap2", "-n", "7").succeeded()
            #expect(one.output == "\(words) --lines=7\n", "one host needs no name")
            let since = try await drover("logs", "production", "ap1", "--since", "10m", "--format", "json").succeeded()
            let line = "\(words) --since=-600s --lines=all"
            let shown = #"{"event":"log","host":"ap1","line":"\#(line)","schema":"drover.log/1","version":1}"#
            #expect(since.output == shown + "\n")
        }
    }

    @Test func ctrlCEndsWhatIsFollowedWell() async throws {
        try await withService { drover in
            let done = try await drover.run(
                ["logs", "production", "ap1", "-f"], sending: SIGINT, when: { $0.contains("listening") })
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.output == "\(words) --follow --lines=50\nlistening")
            #expect(!done.errors.contains("error"), "\(done.errors)")
        }
    }

    @Test func whatJournalctlRefusesIsToldAndFails() async throws {
        try await withService { drover in
            let refused = try await drover("logs", "production", "ap1", "--since", "nonsense")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("Failed to parse timestamp: nonsense"))
        }
    }

    @Test(arguments: ["logs", "restart", "stop", "start"])
    func whoeverIsMisspeltIsNamedWithTheNearest(_ command: String) async throws {
        try await withService { drover in
            let host = try await drover(command, "production", "pa1")
            #expect(host.status == 64 && host.errors.contains("did you mean 'ap1'"), "\(host.errors)")
            let balancer = try await drover(command, "production", "lb")
            #expect(balancer.status == 64 && balancer.errors.contains("members: ap1, ap2"), "\(balancer.errors)")
            let stage = try await drover(command, "prodution")
            #expect(stage.status == 64 && stage.errors.contains("stages: production"), "\(stage.errors)")
        }
    }
}
