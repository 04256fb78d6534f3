import Fleet
import Foundation
import Inventories
import Values

/// The fields of one mapping of `drover.yml`, each read as what it must be.
struct ServiceFileFields {
    let node: SourceNode
    let keys: ServiceKeys
    /// Takes every mistake.
    let mistakes: MistakeLog
    /// Unknown keys, by the known ones that may have been meant.
    private var misspelt: [String: InputError] = [:]

    /// Takes a mapping that has no other keys than those of `keys`; notes those that it has, with the nearest known key.
    /// - Throws: ``InputError`` for anything that is no mapping.
    init(_ node: SourceNode, _ keys: ServiceKeys, _ mistakes: MistakeLog) throws(InputError) {
        let (name, known) = (keys.name, keys.names)
        guard let entries = node.entries else {
            throw InputError("\(name) must be a mapping, but is \(node.summary)", at: node.location)
        }
        for entry in entries where entry.key.text.map(known.contains) != true {
            let found = entry.key.text ?? entry.key.summary
            let place = name == ServiceKeys.wholeFile ? "" : " in \(name)"
            let error = InputError(
                "unknown key '\(found)'\(place)", at: entry.key.location, hints: [Self.hint(found, known)])
            for key in NearestNames.of(found, among: known) { misspelt[key] = error }
            mistakes.note(error)
        }
        (self.node, self.keys, self.mistakes) = (node, keys, mistakes)
    }

    /// What `read` makes of the fields; `nil` where it is mistaken, which is noted.
    func attempt<Answer>(_ read: (Self) throws(InputError) -> Answer?) -> Answer? {
        mistakes.attempt { () throws(InputError) in try read(self) }.flatMap(\.self)
    }

    private static func hint(_ found: String, _ known: [String]) -> String {
        NearestNames.hints(for: found, among: known).first ?? "it can have: \(known.joined(separator: ", "))"
    }

    subscript(key: String) -> SourceNode? { node[key].flatMap { $0.isNull ? nil : $0 } }

    /// Where the value under `key` stands, else the mapping.
    func place(_ key: String) -> SourceLocation { node[key]?.location ?? node.location }

    /// The unknown key in place of `key`, so that one mistake is not told twice; `nil` where there is none.
    func misspelling(of key: String) -> InputError? { misspelt[key] }

    func required(_ key: String) throws(InputError) -> SourceNode {
        guard let value = self[key] else {
            throw misspelt[key]
                ?? InputError(
                    "\(keys.name) lacks '\(key)'", at: node.location,
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
        "url": "url: etcd://etcd1,etcd2,etcd3", "commands": "commands: [bin/leave]",
        "hosts": "hosts: worker, a group of the inventory or a pattern",
        "units": "units: [shop-worker.service]",
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
