/// What became of a task.
extension Tests {
    static let results: [String: Plugin] = {
        var tests: [String: Plugin] = [:]
        func add(_ names: String..., test: @escaping @Sendable (DictObject) throws -> Bool) {
            for name in names { tests[name] = simple { try test(result($0, name)) } }
        }
        add("failed", "failure") { try isSet($0, "failed") }
        add("succeeded", "success", "successful") { try !isSet($0, "failed") }
        add("changed", "change") { try isChanged($0) }
        add("skipped", "skip") { try isSet($0, "skipped") }
        add("unreachable") { try isSet($0, "unreachable") }
        add("reachable") { try !isSet($0, "unreachable") }
        add("started") { try $0.value(.string("started")) == nil || isSet($0, "started") }
        add("finished") { try $0.value(.string("finished")) == nil || isSet($0, "finished") }
        add("timedout") { result in
            guard case .dict(let details)? = try result.value(.string("timedout")) else { return false }
            return try isSet(details, "period")
        }
        return tests
    }()

    private static func result(_ object: Object, _ name: String) throws -> DictObject {
        guard case .dict(let dict) = object else {
            throw TemplateError.filter("the '\(name)' test expects a dictionary, got '\(object.typeName)'")
        }
        return dict
    }

    private static func isSet(_ result: DictObject, _ key: String) throws -> Bool {
        try result.value(.string(key))?.isTrue() ?? false
    }

    /// A loop's result is changed when one of its items is.
    private static func isChanged(_ result: DictObject) throws -> Bool {
        if let changed = try result.value(.string("changed")) { return try changed.isTrue() }
        guard case .list(let list)? = try result.value(.string("results")) else { return false }
        return try list.items().contains { item in
            guard case .dict(let dict) = item else { return false }
            return try isSet(dict, "changed")
        }
    }
}
