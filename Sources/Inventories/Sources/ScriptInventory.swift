import Fleet
import Foundation
import OrderedCollections
import Values

/// Programs that answer `--list` with JSON: dynamic inventories.
struct ScriptInventory {
    let path: String

    private var location: SourceLocation { SourceLocation(file: path) }

    func read(into assembly: inout InventoryAssembly) throws(InputError) {
        guard case .map(let answer) = try ask(["--list"]) else {
            throw InputError("the inventory program answered --list with JSON that is no object", at: location)
        }
        var hosts: OrderedSet<String> = []
        for (key, value) in answer where key != .string("_meta") {
            try readGroup(key.text ?? "", value, into: &assembly, &hosts)
        }
        let known = answer[.string("_meta")]?["hostvars"]
        for host in hosts {
            let variables: Value?
            if let known { variables = known[host] } else { variables = try ask(["--host", host]) }
            guard let variables else { continue }
            let index = try assembly.addHost(host, to: nil, at: location)
            for (name, value) in try fields(variables, "the variables of the host '\(host)'") {
                let value = opened(value, assembly.vault)
                assembly.review(.init(name: name, value: value, location: location))
                assembly.set(name, value, onHost: index)
            }
        }
    }

    private func readGroup(
        _ name: String, _ data: Value, into assembly: inout InventoryAssembly, _ hosts: inout OrderedSet<String>
    ) throws(InputError) {
        let group = assembly.group(name, at: location)
        var data = data
        if case .list = data { data = .map(["hosts": data]) }
        let fields = try fields(data, "the group '\(name)'")
        let isGroup = fields.isEmpty || fields.contains { ["hosts", "children", "vars"].contains($0.0) }
        guard isGroup else {
            throw InputError(
                "the inventory program gave the group '\(name)' neither hosts nor children nor vars", at: location,
                hints: ["a group holds 'hosts', 'children' and 'vars'; variables of hosts stand under _meta.hostvars"])
        }
        for (key, value) in fields {
            switch key {
            case "hosts":
                for host in try names(value, "the hosts of the group '\(name)'") {
                    hosts.append(host)
                    try assembly.addHost(host, to: group, at: location)
                }
            case "vars":
                for (variable, value) in try self.fields(value, "the variables of the group '\(name)'") {
                    try assembly.set(variable, opened(value, assembly.vault), onGroup: group, at: location)
                }
            case "children":
                for child in try names(value, "the children of the group '\(name)'") {
                    try assembly.addChild(assembly.group(child, at: location), to: group, at: location)
                }
            default:
                assembly.warn(
                    "the inventory program gave the group '\(name)' the unknown key '\(key)', which is not looked at",
                    at: location)
            }
        }
    }

    /// Programs write an encrypted value as `ansible-inventory` does: `{"__ansible_vault": "ciphertext"}`.
    private func opened(_ value: Value, _ vault: Vault) -> Value {
        switch value {
        case .list(let items): return .list(items.map { opened($0, vault) })
        case .map(let fields):
            if fields.count == 1, let text = value["__ansible_vault"]?.text { return vault.sealed(text, at: location) }
            if fields.count == 1, let text = value["__ansible_unsafe"]?.text { return .string(text) }
            return .map(fields.mapValues { opened($0, vault) })
        default: return value
        }
    }

    private func fields(_ value: Value, _ what: String) throws(InputError) -> [(String, Value)] {
        guard case .map(let fields) = value else {
            throw InputError("\(what) must be a JSON object in the inventory program's answer", at: location)
        }
        return fields.map { ($0.key.text ?? "", $0.value) }
    }

    private func names(_ value: Value, _ what: String) throws(InputError) -> [String] {
        guard case .list(let items) = value, items.allSatisfy({ $0.text != nil }) else {
            throw InputError("\(what) must be a JSON array of names in the inventory program's answer", at: location)
        }
        return items.compactMap(\.text)
    }

    // MARK: Running it

    /// How long a program may think. Clouds are slow, but a hung program must not hang Drover.
    private static let patience: TimeInterval = 120

    private func ask(_ arguments: [String]) throws(InputError) -> Value {
        let answer = ProgramAnswer.of(Path.absolute(path), arguments, patience: Self.patience)
        let call = arguments.joined(separator: " ")
        switch answer {
        case .notStarted:
            throw InputError(
                "the inventory program can't be run", at: location, hints: ["check its first line ('#!…')"])
        case .tooSlow:
            throw InputError(
                "the inventory program did not answer \(call) within \(Int(Self.patience)) s", at: location)
        case .failed(let status, let lastWords):
            throw InputError(
                "the inventory program ended with status \(status) on \(call)", at: location,
                hints: lastWords.isEmpty ? [] : ["it said: \(lastWords)"])
        case .done(let output):
            if arguments[0] == "--host", output.allSatisfy(\.isWhitespace) { return .map(OrderedDictionary()) }
            do throws(JSONError) {
                return try Value(json: output, trustedAt: location)
            } catch {
                throw InputError(
                    "the inventory program's answer to \(call) is not JSON: \(error.message)", at: location)
            }
        }
    }
}
