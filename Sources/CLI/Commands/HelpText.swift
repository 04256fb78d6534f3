import ArgumentParser

extension CommandConfiguration {
    /// The same with command lines at the end of its help that can be typed as they are, names of one's own put in.
    func examples(_ lines: String...) -> Self {
        var configuration = self
        let text = (["Examples:"] + lines.map { "  \($0)" }).joined(separator: "\n")
        configuration.discussion = discussion.isEmpty ? text : discussion + "\n\n" + text
        return configuration
    }
}

/// Help as it is shown: a command's own options before those that many commands have.
enum HelpText {
    /// The titles above options that many commands have.
    static let shared = ["HOSTS:", "CONNECTION:", "PRIVILEGES:", "MESSAGES:"]

    /// The help that ArgumentParser wrote, its sections in that order.
    static func arranged(_ help: String) -> String {
        var sections = help.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
        let isShared = { (section: String) in shared.contains { section.hasPrefix($0 + "\n") } }
        guard let own = sections.firstIndex(where: { $0.hasPrefix("OPTIONS:\n") }),
            let first = sections.firstIndex(where: isShared), first < own
        else { return help }
        sections.insert(sections.remove(at: own).trimmed, at: first)
        return sections.map(\.trimmed).joined(separator: "\n\n")
    }
}

extension String {
    /// Without the line ends at its end.
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
