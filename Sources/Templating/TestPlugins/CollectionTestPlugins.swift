/// What is in lists, and what stands at paths.
extension Tests {
    static let collections: [String: Plugin] = {
        @Sendable func isSubset(_ inner: Object, _ outer: Object) throws -> Bool {
            let set = try ObjectSet(hashing: outer.elements())
            return try inner.elements().allSatisfy { try set.contains(hashing: $0) }
        }
        let subset = Plugin("b") { .bool(try isSubset($0.subject, $0.required(0, "b"))) }
        let superset = Plugin("b") { .bool(try isSubset($0.required(0, "b"), $0.subject)) }
        return [
            "subset": subset, "issubset": subset, "superset": superset, "issuperset": superset,
            "contains": Plugin("value") { .bool(try $0.subject.contains($0.required(0, "value"))) },
            "all": simple { try $0.elements().allSatisfy { try $0.isTrue() } },
            "any": simple { try $0.elements().contains { try $0.isTrue() } },
        ]
    }()

    static let paths: [String: Plugin] = {
        typealias Kind = TemplateEnvironment.PathKind
        func stands(follow: Bool, _ holds: @escaping @Sendable (Kind?) -> Bool) -> Plugin {
            Plugin { .bool(holds($0.session.outside.pathKind(try $0.subjectText(), follow))) }
        }
        let link = stands(follow: false) { $0 == .link }
        let isAbsolute = simple { object in
            guard case .string(let path) = object else {
                throw TemplateError.filter("expected a path, got '\(object.typeName)'")
            }
            return path.utf8.first == UInt8(ascii: "/")
        }
        return [
            "file": stands(follow: true) { $0 == .file }, "is_file": stands(follow: true) { $0 == .file },
            "directory": stands(follow: true) { $0 == .directory },
            "is_dir": stands(follow: true) { $0 == .directory },
            "exists": stands(follow: true) { $0 != nil }, "link_exists": stands(follow: false) { $0 != nil },
            "link": link, "is_link": link, "abs": isAbsolute, "is_abs": isAbsolute,
            "url": simple { URLParts(try $0.text()).isURL },
            "uri": simple { if case .string = $0 { true } else { false } },
            "urn": simple { URLParts(try $0.text()).scheme == "urn" },
        ]
    }()
}
