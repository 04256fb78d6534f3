import Fleet
import Values

/// Facts of one subset.
struct FactSection: TextSection {
    let subset: FactSubset
    var name: String { "facts \(subset.rawValue)" }

    init(_ subset: FactSubset) { self.subset = subset }

    var textLines: [String] {
        switch subset {
        case .system: SystemFacts.lines
        case .network: NetworkFacts.lines
        case .hardware: HardwareFacts.lines
        case .user: UserFacts.lines
        case .time: TimeFacts.lines
        case .python: PythonFacts.lines
        case .local: LocalFacts.lines
        }
    }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        answers[.facts(subset)] = .facts(facts(in: FactParts(text)))
    }

    private func facts(in parts: FactParts) -> Variables {
        switch subset {
        case .system: SystemFacts.parse(parts)
        case .network: NetworkFacts.parse(parts)
        case .hardware: HardwareFacts.parse(parts)
        case .user: UserFacts.parse(parts)
        case .time: TimeFacts.parse(parts)
        case .python: PythonFacts.parse(parts)
        case .local: LocalFacts.parse(parts)
        }
    }
}

/// Text cut at lines that begin with `@@ `, the rest of which names what follows.
struct FactParts {
    private var parts: [(name: String, lines: [Substring])] = []

    /// Cuts `text`.
    init(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("@@ ") {
                parts.append((String(line.dropFirst(3)), []))
            } else if !parts.isEmpty {
                parts[parts.count - 1].lines.append(line)
            }
        }
    }

    /// The lines under `name`.
    subscript(name: String) -> [Substring] { parts.first { $0.name == name }?.lines ?? [] }

    /// The first line under `name`.
    func first(_ name: String) -> String { String(self[name].first ?? "") }

    /// Names that begin with `prefix`, with their lines.
    func all(_ prefix: String) -> [(name: String, lines: [Substring])] {
        parts.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.lines) }
    }

    /// Lines of `grep -H`, by file.
    func files(_ name: String) -> [String: [Substring]] {
        var files: [String: [Substring]] = [:]
        for line in self[name] {
            guard let colon = line.firstIndex(of: ":") else { continue }
            files[String(line[..<colon]), default: []].append(line[line.index(after: colon)...])
        }
        return files
    }
}

extension FactSubset {
    /// The subset that gives `fact`, named without `ansible_`; `nil` when no subset does.
    public static func subset(of fact: String) -> FactSubset? {
        if let subset = table[fact] { return subset }
        // Interfaces are facts under their own names.
        let interfaces = ["eth", "en", "wl", "br", "veth", "host", "docker", "bond", "tun", "tap", "lo"]
        return interfaces.contains { fact.hasPrefix($0) } ? .network : nil
    }

    /// Names of the facts that this subset gives, but for the interfaces.
    public var names: [String] {
        switch self {
        case .system: SystemFacts.names
        case .network: NetworkFacts.names
        case .hardware: HardwareFacts.names
        case .user: UserFacts.names
        case .time: TimeFacts.names
        case .python: PythonFacts.names
        case .local: LocalFacts.names
        }
    }

    private static let table: [String: FactSubset] = {
        var table: [String: FactSubset] = [:]
        for subset in allCases {
            for name in subset.names { table[name] = subset }
        }
        return table
    }()
}
