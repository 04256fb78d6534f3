/// What is in lists, and what stands at paths.
extension Tests {
    static let collections: [String: Plugin] = {
        let subset = Plugin("b") { call in
            let other = try call.required(0, "b")
            return .bool(try call.subject.elements().allSatisfy { try other.contains($0) })
        }
        let superset = Plugin("b") { call in
            .bool(try call.required(0, "b").elements().allSatisfy { try call.subject.contains($0) })
        }
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
            Plugin { .bool(holds($0.session.environment.pathKind(try $0.subjectText(), follow))) }
        }
        let link = stands(follow: false) { $0 == .link }
        let isAbsolute = simple { try $0.text().utf8.first == UInt8(ascii: "/") }
        return [
            "file": stands(follow: true) { $0 == .file }, "is_file": stands(follow: true) { $0 == .file },
            "directory": stands(follow: true) { $0 == .directory },
            "is_dir": stands(follow: true) { $0 == .directory },
            "exists": stands(follow: true) { $0 != nil }, "link_exists": stands(follow: false) { $0 != nil },
            "link": link, "is_link": link, "abs": isAbsolute, "is_abs": isAbsolute,
            "url": simple { URLParts(try $0.text()).isURL }, "uri": simple { _ in true },
            "urn": simple { URLParts(try $0.text()).scheme == "urn" },
        ]
    }()
}
