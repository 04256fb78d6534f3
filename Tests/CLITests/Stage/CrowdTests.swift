import Foundation
import TestSupport
import Testing

/// A stage of 200 hosts without a lab, by the whole program at a terminal of 80 columns and 24 lines.
///
/// Hosts' shells are a program that answers what hosts of the lab answered, started in place of sudo: so what is measured is
/// Drover, and not the same machine being 200 hosts besides.
@Suite(.compiler, .serialized, .timeLimit(.minutes(5))) struct CrowdTests {
    private static let recorded = DroverProgram.repository.appendingPathComponent("Tests/TestSupport/Ledger/recorded")

    /// The crowd in a folder that everybody may read, and how it is asked by somebody who is not root.
    private struct Crowd: Sendable {
        static let count = 200
        let folder: URL

        init(in folder: URL) async throws {
            self.folder = folder
            for name in ["inventory", "playbooks", "answers", "programs", "state"] {
                try FileManager.default.createDirectory(
                    at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            try await CProgram.shell.made(as: folder.appendingPathComponent("programs/sudo"))
            let service = CrowdTests.recorded.deletingLastPathComponent()
            for name in ["drover.yml", "playbooks/site.yml"] {
                try FileManager.default.copyItem(
                    at: service.appendingPathComponent(name), to: folder.appendingPathComponent(name))
            }
            try write(Self.inventory, to: "inventory/lab.yml")
            for name in ["survey", "notes"] { try write(Self.text(name), to: "answers/\(name)") }
            try write(try Self.stat(), to: "answers/stat")
            try write("1 1\n" + Self.text("pool.cfg") + Self.servers, to: "answers/pool")
            try await DroverProgram.run(["chmod", "-R", "a+rX", folder.path]).succeeded()
            try await DroverProgram.run(["chmod", "a+rwx", folder.path + "/state"]).succeeded()
        }

        private static func text(_ name: String) throws -> String {
            try String(contentsOf: CrowdTests.recorded.appendingPathComponent(name), encoding: .utf8)
        }

        private static func name(_ number: Int) -> String { "ap" + "00\(number)".suffix(3) }

        private static var inventory: String {
            let members = (1...count).map { "        \(name($0)): {ansible_host: 10.2.0.\($0)}" }
            return """
                all:
                  vars: {ansible_connection: local}
                  children:
                    lb:
                      hosts: {lb1: {ansible_host: 10.1.0.1}, lb2: {ansible_host: 10.1.0.2}}
                    ap:
                      hosts:
                \(members.joined(separator: "\n"))

                """
        }

        private static var servers: String {
            (1...count).map { "    server \(name($0)) 10.2.0.\($0):8080 check\n" }.joined()
        }

        /// What HAProxy says of 200 servers: some fail their check, and one was drained by hand.
        private static func stat() throws -> String {
            let lines = try text("stat.csv").split(separator: "\n").map(String.init)
            func row(_ server: String) throws -> String {
                try #require(lines.first { $0.hasPrefix("ledger,\(server),") })
            }
            let rows = try (1...count).map { number in
                let server = [7, 8, 150].contains(number) ? "ap3" : number == 42 ? "ap2" : "ap1"
                return try row(server).replacing("ledger,\(server),", with: "ledger,\(name(number)),")
                    .replacing(/10\.97\.7\.2[0-9]:8080/, with: "10.2.0.\(number):8080")
            }
            let head = try #require(lines.first { $0.hasPrefix("#") })
            return "\n" + ([head] + rows + [try row("BACKEND")]).joined(separator: "\n") + "\n\n"
        }

        private func write(_ text: String, to file: String) throws {
            try text.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
        }

        /// What stands on the screen after the program has ended, and how long it took.
        func screen(_ words: String...) async throws -> (lines: [String], took: Duration) {
            let command = ([DroverProgram.binary] + words).joined(separator: " ")
            let clock = ContinuousClock()
            let begun = clock.now
            let shown = try await DroverProgram.run([
                "env", "-C", folder.path, "-u", "HOME", "TERM=dumb", "DROVER_SSH_CONFIG=none",
                "PATH=\(folder.path)/programs:/usr/bin:/bin", "RECORDED=\(folder.path)/answers",
                "DROVER_STATE=\(folder.path)/state", "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                "script", "--quiet", "--return", "--command", "stty cols 80 rows 24; exec \(command)", "/dev/null",
            ])
            let took = clock.now - begun
            // What it says while it waits, on a machine that is busy elsewhere, is none of the answer.
            let lines = shown.output.replacing("\r\n", with: "\n").split(
                separator: "\n", omittingEmptySubsequences: false
            ).filter { !$0.hasPrefix("    … ") }
            return (lines.map(String.init).dropLast(lines.last == "" ? 1 : 0), took)
        }
    }

    private func expectScreen(_ lines: [String]) {
        #expect(lines.count < 24, "\(lines.count) lines: \(lines.joined(separator: "\n"))")
        #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.filter { $0.count > 80 })")
    }

    private static func least(_ times: [Duration]) -> Duration { times.min() ?? .zero }

    @Test func statusAndHistoryOfTwoHundredHostsAreAScreenAndComeAtOnce() async throws {
        try await withTemporaryFolder { folder in
            try await DroverProgram.run(["chmod", "a+rx", folder.path]).succeeded()
            let crowd = try await Crowd(in: folder)
            let learned = try await crowd.screen("history")
            #expect(learned.lines.first?.hasPrefix("no run is journaled here") == true, "\(learned.lines)")
            expectScreen(learned.lines)
            var times: [String: [Duration]] = [:]
            for _ in 0..<3 {
                let status = try await crowd.screen("status")
                #expect(status.lines.first == "lab: degraded, 196 of 200 in service on lb1, lb2", "\(status.lines)")
                let rows = status.lines.filter { $0.contains("35d46d42f565 active") }
                #expect(rows.map { $0.prefix { $0 != " " } } == ["3:", "ap042", "196:"], "\(rows)")
                let fault = "ap007, ap008, ap150: gets no traffic: lb1, lb2 have it down (L4CON Connection"
                #expect(status.lines.contains(fault), "\(status.lines)")
                #expect(status.lines.last == "next: drover apply lab, or drover undrain ap042 --stage lab")
                expectScreen(status.lines)
                times["status", default: []].append(status.took)
                let history = try await crowd.screen("history")
                #expect(history.lines.first?.hasPrefix("RUN WHEN") == true && history.lines.count > 14)
                #expect(history.lines.contains { $0.contains("rolled-back root@vm") }, "\(history.lines)")
                expectScreen(history.lines)
                times["history", default: []].append(history.took)
                // As many hosts asked for nothing at all: what is more than that, Drover makes of the answers.
                times["ping", default: []].append(try await crowd.screen("ping", "--stage", "lab").took)
            }
            let best = times.mapValues(Self.least)
            print("200 hosts, best of 3:", best.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
            let (status, ping) = (best["status"] ?? .zero, best["ping"] ?? .zero)
            #expect(status < ping * 3, "a status takes \(status), asking as many for nothing \(ping)")
            #expect((best["history"] ?? .zero) < ping, "\(best)")
        }
    }
}
