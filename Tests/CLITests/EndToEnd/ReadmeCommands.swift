import Foundation
import TestSupport

/// The commands that README.md names, as it writes them.
enum ReadmeCommands {
    /// Each once, in the order of the page: what stands between backquotes, and lines of examples without what stands behind a
    /// pipe or a comment.
    static func all() throws -> [String] {
        let page = try String(
            contentsOf: DroverProgram.repository.appendingPathComponent("README.md"), encoding: .utf8)
        var commands: [String] = []
        var mentioned: [String] = []
        for line in page.split(separator: "\n") {
            let spans = line.matches(of: /`(drover [^`]+)`/).map { plain(String($0.output.1)) }
            let example = line.firstMatch(of: /^    (drover .*)$/).map { plain(String($0.output.1)) }
            if line.hasPrefix("| `") || example != nil {
                commands += spans + [example].compactMap(\.self)
            } else {
                mentioned += spans
            }
        }
        // A bare name in the middle of a sentence is one that stands elsewhere with what it takes.
        commands += mentioned.filter { name in !commands.contains { $0 == name || $0.hasPrefix(name + " ") } }
        return commands.enumerated().filter { commands.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }

    /// The line to type, with what the page leaves to the reader put in.
    /// - Parameter values: What stands for a word, or for an optional part with its brackets; other optional parts are left out.
    static func line(_ command: String, _ values: [String: String]) -> String {
        var line = command
        for (name, value) in values where name.hasPrefix("[") { line = line.replacing(name, with: value) }
        line = line.replacing(#/ \[[^\]]*\]/#, with: "")
        let words = usual.merging(values) { _, own in own }
        return line.split(separator: " ").map { words[String($0)] ?? String($0) }.joined(separator: " ")
    }

    private static let usual = [
        "STAGE": "production", "PLAYBOOK": "playbooks/site.yml", "INVENTORY": "inventory/production.yml",
        "PATTERN": "ap",
        "HOST": "ap1", "COMMAND": "uptime", "SOURCE…": "drover.yml check.sh", "DEST": "/tmp/readme/",
        "FILE": "state.dump",
        "…": "production ap1",
    ]

    private static func plain(_ text: String) -> String {
        var text = text.replacing("\\|", with: "|")
        for end in [" # ", " | jq"] {
            if let cut = text.firstRange(of: end) { text = String(text[..<cut.lowerBound]) }
        }
        return text.replacing(#/ +$/#, with: "")
    }
}
