import Foundation
import TestSupport

/// What a page of docs/ has a reader type: the commands of its blocks, and those that it names within sentences and tables.
struct Guide: Sendable {
    /// A command of a block, with the lines that the page shows below it.
    struct Step: Sendable, Hashable {
        var command: String
        var shown: [String] = []
    }

    let page: String
    private(set) var steps: [Step] = []
    /// Between backquotes, each once; not those that are named without what they take.
    private(set) var mentioned: [String] = []

    init(_ page: String) throws {
        self.page = page
        let text = try String(contentsOf: DroverProgram.repository.appending(path: page), encoding: .utf8)
        var fence: Substring?
        for line in text.replacing(#/ \\\n\s*/#, with: " ").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                fence = fence == nil ? line.dropFirst(3) : nil
            } else if let fence {
                if ["", "console", "sh"].contains(fence) { take(String(line), isShown: fence == "console") }
            } else if let indented = line.wholeMatch(of: #/ {4}((?:\$ )?(?:drover|make|sudo|curl|sed) .*)/#) {
                take(String(indented.output.1), isShown: false)
            } else {
                mentioned += line.matches(of: #/`(drover [^`]+)`/#).map {
                    String($0.output.1).replacing("\\|", with: "|")
                }
            }
        }
        var known: Set<String> = []
        mentioned = mentioned.filter {
            $0.contains(#/drover \S+ .*([A-Z]{2}| -)|drover \S+ -/#) && known.insert($0).inserted
        }
    }

    private mutating func take(_ line: String, isShown: Bool) {
        if let command = line.wholeMatch(of: #/(?:\$ )(.*)/#)?.output.1 {
            steps.append(Step(command: String(command)))
        } else if !isShown, line.contains(#/^(drover|make|sudo|curl|sed) /#) {
            steps.append(Step(command: line))
        } else if isShown, !steps.isEmpty, !line.isEmpty {
            steps[steps.count - 1].shown.append(line)
        }
    }

    /// The lines that it shows below `command` in a block, but for those that stand for others.
    func shown(below command: String) -> [String] {
        steps.first { $0.command == command }?.shown.filter { $0.contains(#/\w/#) } ?? []
    }

    /// A line without what differs from one time to the next: numbers, digests and names beside them, who, widths of columns.
    static func plain(_ line: some StringProtocol) -> String {
        String(line).replacing(#/\S+ \([0-9a-f]{12}\)/#, with: "NAME (N)")
            .replacing(#/\b[0-9a-f]{12,}(-[0-9a-f]{8})?\b/#, with: "N")
            .replacing(#/[\w.-]+@[\w.-]+(:\d+)?/#, with: "WHO")
            .replacing(#/\d+([.:-]\d+)*/#, with: "N").replacing(#/-dirty\b/#, with: "").replacing(#/ +/#, with: " ")
            .trimmingCharacters(in: .whitespaces)
    }

    /// The lines that a page shows and `output` does not have, each as its beginning.
    static func missing(_ shown: [String], in output: String) -> [String] {
        let lines = output.split(separator: "\n").map(plain)
        return shown.filter { line in
            let beginning = plain(line.hasSuffix("…") ? String(line.dropLast()) : line)
            return !lines.contains { $0.hasPrefix(beginning) }
        }
    }
}
