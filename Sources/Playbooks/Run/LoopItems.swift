import Fleet
import Foundation
import OrderedCollections
import Templating
import Values

/// Makes the items of a loop.
struct LoopItems {
    /// `nil` when the value is known already.
    let evaluation: Evaluation?
    let folders: [String]

    init(_ evaluation: Evaluation?, _ folders: [String]) {
        self.evaluation = evaluation
        self.folders = folders
    }

    /// The items, in order.
    /// - Throws: ``InputError`` when the value is not what the loop takes; what templates throw.
    func items(of loop: TaskLoop, in scope: TaskScope) throws -> [Value?] {
        try items(of: loop, value: try evaluation?.value(loop.value, in: scope) ?? loop.value)
    }

    /// The items that an evaluated value gives.
    func items(of loop: TaskLoop, value: Value) throws -> [Value?] {
        switch loop.kind {
        case .loop: return try list(value, "loop")
        case .items: return flattened(elements(value), levels: 1)
        case .list: return elements(value)
        case .flattened: return flattened(elements(value), levels: .max)
        case .dict: return try pairs(of: value)
        case .indexedItems:
            return flattened(elements(value), levels: 1).enumerated().map { .list([.int($0), $1]) }
        case .together: return try together(list(value, "with_together"))
        case .nested: return try nested(list(value, "with_nested"))
        case .subelements: return try subelements(list(value, "with_subelements"))
        case .sequence: return try elements(value).flatMap { try numbers(text($0)) }
        case .fileglob: return try elements(value).flatMap { try files(matching: text($0)) }.map { .string($0) }
        case .lines: throw InputError("with_lines runs commands on the controller, which is not supported")
        case .file:
            return try elements(value).map { name in
                let path = try FileSearch.require(text(name), kind: "files", in: folders, at: loop.location)
                let content = String(
                    decoding: try (evaluation?.files ?? ControllerFiles()).bytes(of: path), as: UTF8.self)
                return .string(String(content.reversed().drop { $0.isNewline }.reversed()))
            }
        case .inventoryHostnames:
            let pattern = try elements(value).map(text).joined(separator: ":")
            return try (evaluation?.hosts(matching: pattern) ?? []).map { .string($0) }
        case .firstFound: return [try firstFound(value)]
        }
    }

    // MARK: Shapes

    private func list(_ value: Value, _ what: String) throws -> [Value] {
        guard case .list(let items) = value else {
            throw InputError("\(what) needs a list, and this is \(PlainText.kind(of: value))")
        }
        return items
    }

    private func elements(_ value: Value) -> [Value] {
        if case .list(let items) = value { items } else { [value] }
    }

    private func text(_ value: Value) throws -> String {
        guard let text = value.plainText else {
            throw InputError("a name is needed, not \(PlainText.kind(of: value))")
        }
        return text
    }

    private func numbers(_ term: String) throws -> [Value] {
        do {
            return try NumberSequence(term).texts().map { .string($0) }
        } catch let error as TemplateError {
            throw InputError("with_sequence: \(error.message)")
        }
    }

    /// The most items that a loop goes through: more is a slip of the keyboard, or a host's answer gone wrong.
    private static let mostItems = 1_000_000

    private func flattened(_ items: [Value], levels: Int) -> [Value] {
        items.flatMap { item -> [Value] in
            guard levels > 0, case .list(let inner) = item else { return [item] }
            return flattened(inner, levels: levels - 1)
        }
    }

    private func pairs(of value: Value) throws -> [Value] {
        guard case .map(let fields) = value else { throw InputError("with_dict needs a mapping") }
        return fields.map { .map(["key": $0.key, "value": $0.value]) }
    }

    private func together(_ lists: [Value]) throws -> [Value] {
        let lists = lists.map(elements)
        let length = lists.map(\.count).max() ?? 0
        return (0..<length).map { index in .list(lists.map { index < $0.count ? $0[index] : .null }) }
    }

    private func nested(_ lists: [Value]) throws -> [Value] {
        let columns = lists.map { flattened(elements($0), levels: 1) }
        let count = columns.reduce(1) { min($0, Self.mostItems + 1) * min($1.count, Self.mostItems + 1) }
        guard count <= Self.mostItems else {
            throw InputError("with_nested makes more than \(Self.mostItems) items")
        }
        return columns.reduce([[]]) { combinations, list in
            combinations.flatMap { combination in list.map { combination + [$0] } }
        }
        .map { .list(flattened($0, levels: 1)) }
    }

    private func subelements(_ terms: [Value]) throws -> [Value] {
        guard terms.count >= 2, let path = terms[1].text?.split(separator: ".").map(String.init) else {
            throw InputError("with_subelements needs a list and the name of a key")
        }
        let skipsMissing = terms.count > 2 && terms[2]["skip_missing"]?.boolean(in: .argument) == true
        var items: [Value] = []
        for parent in terms[0].isMap ? Array(terms[0].values) : elements(terms[0]) {
            guard case .list(let children)? = path.reduce(parent, { $0?[$1] }) else {
                if skipsMissing { continue }
                throw InputError("with_subelements finds no list '\(path.joined(separator: "."))' in an element")
            }
            items += children.map { .list([parent, $0]) }
        }
        return items
    }

    // MARK: Files

    private func files(matching pattern: String) throws -> [String] {
        let folder = FileSearch.folder(of: pattern)
        let name = pattern.split(separator: "/").last.map(String.init) ?? ""
        let roots =
            pattern.hasPrefix("/")
            ? [folder] : self.folders.flatMap { [FileSearch.join($0, "files", folder), FileSearch.join($0, folder)] }
        guard let root = roots.first(where: FileSearch.isFolder) else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: root).sorted()
        // Ansible asks for bytes, so `?` is one of them.
        let wanted = FileNamePattern(name, over: .bytes)
        return names.filter(wanted.lists).map { FileSearch.absolute(FileSearch.join(root, $0)) }
            .filter(FileSearch.isFile)
    }

    private func firstFound(_ value: Value) throws -> Value {
        var names: [String] = []
        var paths: [String] = []
        var skips = false
        for element in flattened(elements(value), levels: .max) {
            if element.isMap {
                names += try elements(element["files"] ?? .list([])).map(text)
                paths += try elements(element["paths"] ?? .list([])).map(text)
                skips = skips || element["skip"]?.boolean(in: .argument) == true
            } else {
                names.append(try text(element))
            }
        }
        let candidates = paths.isEmpty ? names : paths.flatMap { path in names.map { FileSearch.join(path, $0) } }
        for kind in ["files", "templates", "vars", "tasks"] {
            for name in candidates {
                if let path = FileSearch.find(name, kind: kind, in: folders) {
                    return .string(FileSearch.absolute(path))
                }
            }
        }
        if skips { return .list([]) }
        throw InputError(.missing, "none of these files is there: \(names.joined(separator: ", "))")
    }
}

extension Value {
    /// Whether it is a mapping.
    var isMap: Bool { if case .map = self { true } else { false } }
    /// The values of a mapping.
    var values: [Value] { if case .map(let fields) = self { Array(fields.values) } else { [] } }
}
