import Fleet

/// All filters.
enum Filters {
    static let all: [String: Plugin] = {
        var all = text
        for group in [formatting, lists, selection, sets, maps, numbers, encodings, yaml, regex, paths, general, dates]
        {
            all.merge(group) { first, _ in first }
        }
        return all
    }()

    /// A filter by its name, with Ansible's own collections before it or not.
    static func named(_ name: String) -> Plugin? {
        if let filter = all[name] { return filter }
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.utf8.starts(with: prefix.utf8) {
            return all[String(name.dropFirst(prefix.count))]
        }
        return nil
    }

    static func unknown(_ name: String) -> TemplateError {
        TemplateError(.filter, "unknown filter '\(name)'", hints: NearestNames.hints(for: name, among: all.keys))
    }
}
