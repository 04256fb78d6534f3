import Fleet
import Foundation
import TestSupport
import Testing

@testable import Inventories

/// Reading that goes on after a mistake tells of each, and has what is right.
@Suite struct ManyMistakesTests {
    @Test(arguments: [
        (
            "hosts.yml",
            "web:\n  hosts:\n    a[3:1]:\n    w1: 5\n    w2:\n  hots:\n  vars: 7\ndb: 3\nlb: {hosts: {l1: }}\n",
            [3, 4, 6, 7, 8]
        ),
        ("hosts.ini", "[web]\nw1 port\nw2\n[web:nothing]\nw3\n[lb]\nl1\n", [2, 4]),
    ])
    func ofOneFile(_ name: String, _ text: String, _ lines: [Int]) async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent(name).path
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let log = MistakeLog()
            let inventory = try Inventory.load(sources: [file], mistakes: log)
            #expect(log.all.compactMap(\.location?.line).sorted() == lines, "\(log.all.map(\.message))")
            let names = inventory.hosts.map(\.description)
            #expect(names.contains("l1") && names.contains("w2"))
            let first = #expect(throws: InputError.self) { try Inventory.load(sources: [file]) }
            #expect(first == log.all.first, "without a log the first ends it")
        }
    }

    @Test func ofSourcesAndFilesOfVariables() async throws {
        try await withTemporaryFolder { folder in
            for (name, text) in [
                "one.yml": "web: {hosts: {w1: {}}}\n", "two.yml": "web: [\n", "group_vars/web.yml": "- 5\n",
                "host_vars/w1.yml": "a: {\n",
            ] {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let log = MistakeLog()
            let sources = ["one.yml", "gone.yml", "two.yml"].map { folder.appendingPathComponent($0).path }
            _ = try Inventory.load(sources: sources, mistakes: log)
            let files = log.all.compactMap(\.location?.file).map { ($0 as NSString).lastPathComponent }
            #expect(files == ["gone.yml", "two.yml", "web.yml", "w1.yml"])
        }
    }
}
