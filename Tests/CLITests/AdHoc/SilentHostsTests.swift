import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// Most hosts answer nothing at all, as behind a firewall that swallows everything, or accept and then say nothing.
    @Suite struct SilentHostsTests {
        /// One after the other, four at once, they would take 32 s.
        private static let silent = 64

        private func withInventory(
            _ body: (DroverProgram, _ inventory: String) async throws -> Void
        ) async throws {
            let hole = try BlackHole()
            let listeners = try (1...8).map { _ in try SilentListener() }
            try await ThrowawaySSHD.with { good in
                let frozen = (0..<Self.silent / 2).map {
                    "b\($0) ansible_port=\(listeners[$0 % 8].port) ansible_timeout=2"
                }
                let inventory = try good.inventory(
                    hosts: 8,
                    """
                    [all]
                    a[0:\(Self.silent / 2 - 1)] ansible_port=\(hole.port) ansible_timeout=2
                    \(frozen.joined(separator: "\n"))
                    """)
                try "- hosts: all\n  tasks: [{command: echo done}]\n".write(
                    to: good.folder.appendingPathComponent("play.yml"), atomically: true, encoding: .utf8)
                try await body(DroverProgram(in: good.folder), inventory)
            }
            withExtendedLifetime((hole, listeners)) {}
        }

        private func seconds(_ drover: DroverProgram, _ words: [String], _ limit: String) async throws -> TimeInterval {
            let place = words.firstIndex(of: "--") ?? words.endIndex
            let start = Date()
            let done = try await drover.run(words[..<place] + ["-l", limit] + words[place...])
            let elapsed = Date().timeIntervalSince(start)
            #expect(done.status != 0)
            #expect(done.errors.contains("no answer") || done.output.contains("no answer"), "\(done.errors)")
            guard words[0] == "run" else { return elapsed }
            let moments = done.output.split(separator: "\n").compactMap { Double($0.split(separator: " ").last ?? "") }
            #expect(moments.count == 8, "\(done.output)")
            for moment in moments { #expect(moment - start.timeIntervalSince1970 < 10) }
            return elapsed
        }

        @Test(arguments: [
            ["run", "-f", "4", "all", "--", "date +%s.%N"], ["run", "all", "--", "date +%s.%N"],
            ["cp", "-f", "4", "all", "play.yml", "DEST"], ["ping", "-f", "4"],
            ["doctor", "-f", "4"], ["apply", "play.yml", "-f", "4"],
        ])
        func theyKeepNobodyWaiting(_ words: [String]) async throws {
            try await withInventory { drover, inventory in
                let place = words.firstIndex(of: "--") ?? words.endIndex
                let words = (words[..<place] + ["-i", inventory] + words[place...]).map {
                    $0 == "DEST" ? drover.folder + "/copied" : $0
                }
                let few = try await seconds(drover, words, "a0:b0:h*")
                let all = try await seconds(drover, words, "all")
                #expect(all < few * 1.5 + 8, "\(all) s, and \(few) s with one of each")
            }
        }
    }
}
