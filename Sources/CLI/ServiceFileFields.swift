import Fleet
import Foundation
import Inventories

/// The fields of one mapping of `drover.yml`, each read as what it must be.
struct Fields {
    let node: SourceNode
    private let name: String

    /// Takes a mapping that has no other keys than `known`.
    /// - Throws: ``InputError`` for anything else, with the nearest known key.
    init(_ node: SourceNode, of name: String, _ known: [String]) throws(InputError) {
        guard let entries = node.entries else {
            throw InputError("\(name) must be a mapping, but is \(node.summary)", at: node.location)
        }
        for entry in entries {
            guard let key = entry.key.text, known.contains(key) else {
                let found = entry.key.text ?? entry.key.summary
                let place = name == Self.whole ? "" : " in \(name)"
                throw InputError(
                    "unknown key '\(found)'\(place)", at: entry.key.location, hints: [Self.hint(found, known)])
            }
        }
        self.node = node
        self.name = name
    }

    /// What the mapping at the top is called.
    static let whole = "the file"

    private static func hint(_ found: String, _ known: [String]) -> String {
        let near = known.map { (distance: $0.editDistance(to: found), name: $0) }
            .filter { $0.distance <= max(1, found.count / 3) }.min { $0 < $1 }
        return near.map { "did you mean '\($0.name)'?" } ?? "it can have: \(known.joined(separator: ", "))"
    }

    subscript(key: String) -> SourceNode? { node[key].flatMap { $0.isNull ? nil : $0 } }

    /// Where the value under `key` stands, else the mapping.
    func place(_ key: String) -> SourceLocation { node[key]?.location ?? node.location }

    func required(_ key: String) throws(InputError) -> SourceNode {
        guard let value = self[key] else {
            throw InputError(
                "\(name) lacks '\(key)'", at: node.location,
                hints: Self.examples[key].map { ["for example: \($0)"] } ?? [])
        }
        return value
    }

    /// What may stand under the keys that must not be missing.
    private static let examples = [
        "service": "service: shop",
        "pool": "pool: {name: shop, balancers: lb, members: web, port: 8080}",
        "stages": "stages: {production: {inventory: inventory/production.yml, playbook: playbooks/site.yml}}",
        "name": "name: shop", "balancers": "balancers: lb, a group of the inventory",
        "members": "members: web, a group of the inventory", "port": "port: 8080",
        "inventory": "inventory: inventory/production.yml",
    ]

    // MARK: text

    func text(_ key: String) throws(InputError) -> String { try text(required(key), key) }

    func optionalText(_ key: String) throws(InputError) -> String? {
        guard let value = self[key] else { return nil }
        return try text(value, key)
    }

    /// One text or a list of them.
    func texts(_ key: String) throws(InputError) -> [(text: String, place: SourceLocation)]? {
        guard let value = self[key] else { return nil }
        var texts: [(String, SourceLocation)] = []
        for item in value.items ?? [value] { texts.append((try text(item, key), item.location)) }
        return texts
    }

    private func text(_ value: SourceNode, _ key: String) throws(InputError) -> String {
        guard let text = value.text, !text.allSatisfy(\.isWhitespace) else {
            throw InputError("\(key) must be text, but is \(value.summary)", at: value.location)
        }
        return text
    }
}

extension String {
    /// How many characters have to be added, dropped or replaced to make `other` of this.
    fileprivate func editDistance(to other: String) -> Int {
        // A key as long as a page is near to nothing.
        guard count <= 100 else { return count }
        var last = Array(0...other.count)
        for (row, character) in enumerated() {
            var current = [row + 1]
            for (column, theirs) in other.enumerated() {
                current.append(
                    Swift.min(last[column] + (character == theirs ? 0 : 1), last[column + 1] + 1, current[column] + 1))
            }
            last = current
        }
        return last[other.count]
    }
}
