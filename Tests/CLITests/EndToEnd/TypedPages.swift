import Foundation
import TestSupport
import Testing

/// Every page, with the test that types its commands: a command that nobody types goes stale.
struct TypedPages {
    /// Pages that tests of their own type, and those.
    private static let own = [
        "README.md": "ReadmeEndToEndTests", "docs/first-service.md": "FirstServiceEndToEndTests",
        "docs/lab.md": "EtcdEndToEndTests", "docs/packaging.md": "PackageEndToEndTests",
        "examples/gunicorn/README.md": "FirstServiceEndToEndTests",
        "examples/website/README.md": "FirstServiceEndToEndTests",
    ]

    /// What no test types, and why.
    private static let untyped = [
        "make demo": "scripts/demo ends with a failure of its own when anything is amiss",
        "make demo-down": "its two commands are every suite's end", "make test": "it is what runs the tests",
        "make agent": "AgentEndToEndTests takes what it builds to hosts",
        "make package": "PackageEndToEndTests installs what it has made",
        "make install": "PackageEndToEndTests types it as docs/packaging.md has it",
        "make bench": "benchmarks take the whole machine for twenty minutes",
        "sudo TOOLS='pssh_check drover' HOSTS=6 ROUNDS=5 Benchmarks/run": "as above",
        "sudo HOSTS=200 Benchmarks/fan-out": "as above",
    ]

    private static func isTyped(_ command: String, on page: String) -> Bool {
        if page == "README.md" { return command.hasPrefix("drover ") }
        if own[page] != nil { return true }
        return FollowedGuides.pages.contains { $0.name == page && $0.takes(command) }
    }

    /// Whether it is a command of ours: others stand beside them to show what they did.
    private static func isOurs(_ command: String) -> Bool { command.contains(#/^(\w+=\S+ )*(drover|make|sudo) /#) }

    private static func pages() throws -> [String] {
        let root = DroverProgram.repository.path
        let folders =
            ["docs"]
            + ["examples", "playbooks/roles"].flatMap { folder in
                names(in: "\(root)/\(folder)").map { "\(folder)/\($0)" }
            }
        let below = folders.flatMap { folder in names(in: "\(root)/\(folder)").map { "\(folder)/\($0)" } }
        return (["README.md", "CONTRIBUTING.md"] + below).filter { $0.hasSuffix(".md") }
    }

    /// What is no folder has no names.
    private static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test func everyCommandOfEveryPageIsTypedByATest() throws {
        let pages = try Self.pages()
        #expect(pages.count > 25)
        for page in pages {
            for command in try Guide(page).steps.map(\.command)
            where Self.isOurs(command) && !Self.isTyped(command, on: page) {
                let plain = command.replacing(#/\s+#.*$/#, with: "")
                #expect(Self.untyped[plain] != nil, "\(page): no test types '\(command)'; see CONTRIBUTING.md")
            }
        }
    }

    @Test func everyTestThatTypesAPageReadsIt() throws {
        let folder = DroverProgram.repository.appendingPathComponent("Tests/CLITests/EndToEnd")
        for (page, suite) in Self.own {
            let text = try Self.names(in: folder.path).filter { $0.hasSuffix(".swift") }.map {
                try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            }.filter { $0.contains("struct \(suite)") || $0.contains("enum ReadmeCommands") }.joined()
            let name = page.split(separator: "/").dropFirst().first.map(String.init) ?? page
            #expect(text.contains(name), "\(suite) does not name \(page)")
        }
    }
}
