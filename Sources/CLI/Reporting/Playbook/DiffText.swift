import Playbooks
import TaskModules

/// A difference as a unified diff, with three lines around each change.
enum DiffText {
    /// The lines, each with its newline; empty when nothing differs.
    static func of(_ diff: Diff) -> String {
        let before = lines(diff.before)
        let after = lines(diff.after)
        let changes = merged(before, after)
        guard changes.contains(where: { $0.mark != " " }) else { return "" }
        var text = "--- \(diff.before == nil ? "(none)" : diff.subject)\n"
        text += "+++ \(diff.after == nil ? "(none)" : diff.subject)\n"
        var shown = Set<Int>()
        for (index, change) in changes.enumerated() where change.mark != " " {
            shown.formUnion(max(0, index - context)...min(changes.count - 1, index + context))
        }
        var last = -1
        for index in shown.sorted() {
            if index != last + 1 { text += "@@\n" }
            text += "\(changes[index].mark)\(changes[index].line)\n"
            last = index
        }
        return text
    }

    private static let context = 3
    /// Beyond this, finding the smallest difference takes too long, and nobody reads it.
    private static let longest = 5000

    private static func lines(_ text: String?) -> [Substring] {
        guard let text, !text.isEmpty else { return [] }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func merged(_ before: [Substring], _ after: [Substring]) -> [(mark: Character, line: Substring)] {
        guard before.count + after.count <= longest else {
            return [("-", "(\(before.count) lines)"), ("+", "(\(after.count) lines)")]
        }
        let difference = after.difference(from: before)
        var removed: [Int: Substring] = [:]
        var inserted: [Int: Substring] = [:]
        for change in difference {
            switch change {
            case .remove(let offset, let line, _): removed[offset] = line
            case .insert(let offset, let line, _): inserted[offset] = line
            }
        }
        var result: [(mark: Character, line: Substring)] = []
        var old = 0
        var new = 0
        while old < before.count || new < after.count {
            if let line = removed[old] {
                result.append(("-", line))
                old += 1
            } else if let line = inserted[new] {
                result.append(("+", line))
                new += 1
            } else {
                result.append((" ", old < before.count ? before[old] : after[new]))
                old += 1
                new += 1
            }
        }
        return result
    }
}
