import Fleet

/// All tests, as in `x is test`.
enum Tests {
    static let all: [String: Plugin] = {
        var all = types
        for group in [comparisons, results, patterns, collections, paths] { all.merge(group) { first, _ in first } }
        return all
    }()

    /// A test by its name, with Ansible's own collections before it or not.
    static func named(_ name: String) -> Plugin? {
        if let test = all[name] { return test }
        for prefix in ["ansible.builtin.", "ansible.legacy."] where name.utf8.starts(with: prefix.utf8) {
            return all[String(name.dropFirst(prefix.count))]
        }
        return nil
    }

    static func unknown(_ name: String) -> TemplateError {
        TemplateError(.filter, "unknown test '\(name)'", hints: NearestNames.hints(for: name, among: all.keys))
    }

    /// A test without arguments, of a subject that is defined.
    static func simple(_ holds: @escaping @Sendable (Object) throws -> Bool) -> Plugin {
        Plugin { .bool(try holds($0.subject)) }
    }
}
