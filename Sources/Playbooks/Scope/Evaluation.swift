import Fleet
import Inventories
import OrderedCollections
import Synchronization
import Templating
import Values

/// Evaluates what a playbook holds. Shared by all hosts of a run; templates are read once.
final class Evaluation: Sendable {
    /// Reads files of this machine.
    let files: ControllerFiles
    private let templaters: TemplaterCache
    private let inventory: Inventory?

    init(files: ControllerFiles = ControllerFiles()) {
        self.files = files
        templaters = TemplaterCache(files: files)
        inventory = nil
    }

    private init(_ other: Evaluation, inventory: Inventory) {
        files = other.files
        templaters = other.templaters
        self.inventory = inventory
    }

    /// The same, knowing the hosts.
    func with(inventory: Inventory) -> Evaluation { Evaluation(self, inventory: inventory) }

    private func templater(_ scope: some TemplateScope) -> Templater {
        templaters.templater(searching: (scope as? TaskScope)?.settings?.searchFolders ?? [])
    }

    // MARK: Values

    /// The value without templates; `null` for what comes to `omit`.
    func value(_ value: Value, in scope: some TemplateScope) throws -> Value {
        try argument(value, in: scope) ?? .null
    }

    /// The value without templates; `nil` for what comes to `omit`.
    func argument(_ value: Value, in scope: some TemplateScope) throws -> Value? {
        guard value.holdsTemplate else { return value }
        return try templater(scope).evaluate(value, in: scope)
    }

    /// The fields of a mapping, without those that come to `omit`.
    func arguments(_ value: Value, in scope: some TemplateScope) throws -> Variables {
        guard case .map(let fields) = try self.value(value, in: scope) else {
            throw InputError("arguments must be a mapping, not \(PlainText.kind(of: value))")
        }
        return Variables(fields.map { (PlainText.of($0.key), $0.value) }) { _, later in later }
    }

    /// Text; numbers and booleans are printed as Python prints them.
    func text(_ value: Value, in scope: some TemplateScope) throws -> String {
        let value = try self.value(value, in: scope)
        guard let text = value.plainText else {
            throw InputError("text is needed here, not \(PlainText.kind(of: value))")
        }
        return text
    }

    /// A whole number.
    func int(_ value: Value, in scope: some TemplateScope) throws -> Int {
        let value = try self.value(value, in: scope)
        if case .int(let number) = value { return number }
        guard let whole = try number(value, in: scope).rounded(.down).wholePart else {
            throw InputError("a whole number is needed here, and '\(PlainText.of(value))' is too large for one")
        }
        return whole
    }

    /// A time in seconds, from none to a hundred years: longer is no time that anybody waits.
    func duration(_ value: Value, in scope: some TemplateScope) throws -> Duration {
        let value = try self.value(value, in: scope)
        let seconds = try number(value, in: scope)
        guard (0...Self.mostSeconds).contains(seconds) else {
            throw InputError(
                "a time from 0 to \(Int(Self.mostSeconds)) seconds is needed here, not '\(PlainText.of(value))'")
        }
        return .seconds(seconds)
    }

    private static let mostSeconds: Double = 3_155_760_000

    /// A number.
    func number(_ value: Value, in scope: some TemplateScope) throws -> Double {
        let value = try self.value(value, in: scope)
        switch value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        default:
            guard let number = value.plainText.flatMap({ Double($0.stripped) }) else {
                throw InputError("a number is needed here, not '\(PlainText.of(value))'")
            }
            return number
        }
    }

    /// A boolean in any of Ansible's spellings; `nil` for nothing.
    func flag(_ value: Value, in scope: some TemplateScope) throws -> Bool? {
        if case .bool(let flag) = value { return flag }
        let value = try self.value(value, in: scope)
        if value == .null { return nil }
        guard let flag = value.boolean(in: .argument) else {
            throw InputError("true or false is needed here, not '\(PlainText.of(value))'")
        }
        return flag
    }

    /// Variables whose templates use nothing but one another.
    func literal(_ variables: Variables) throws -> Variables {
        try variables.filter { ConnectionVariables.names.contains($0.key) }.mapValues { value in
            try self.value(value, in: variables)
        }
    }

    // MARK: Expressions

    /// Whether a condition holds.
    func holds(_ condition: Condition, in scope: some TemplateScope) throws -> Bool {
        switch condition {
        case .literal(let flag): flag
        case .expression(let text): try templater(scope).condition(text.text, at: text.location, in: scope)
        }
    }

    /// The value of an expression without braces.
    func value(ofExpression text: String, in scope: some TemplateScope) throws -> Value {
        try templater(scope).expression(text, in: scope)
    }

    /// The text that a template file comes to.
    func render(file: String, searching folders: [String], in scope: TaskScope) throws -> String {
        let text = String(decoding: try files.bytes(of: file), as: UTF8.self)
        return try templater(scope).file(text, name: file, in: scope)
    }

    /// Names of the inventory's hosts that match a pattern.
    func hosts(matching pattern: String) throws -> [String] {
        try inventory?.hosts(matching: pattern).map(\.description) ?? []
    }
}

/// One templater for each list of folders that lookups search.
private final class TemplaterCache: Sendable {
    private let files: ControllerFiles
    private let templaters = Mutex<[[String]: Templater]>([:])

    init(files: ControllerFiles) { self.files = files }

    func templater(searching folders: [String]) -> Templater {
        templaters.withLock { templaters in
            if let known = templaters[folders] { return known }
            let made = Templater(environment: ControllerLookups(files: files, folders: folders).environment)
            templaters[folders] = made
            return made
        }
    }
}

/// Variables that are known before the run, for keywords of plays and names of imports.
struct StaticScope: TemplateScope {
    /// The first that has a name wins.
    var variables: [Variables]
    var groups: Value?

    func binding(for name: String) -> Binding? {
        if name == "groups", let groups { return .value(groups) }
        for layer in variables {
            if let value = layer[name] { return .value(value) }
        }
        return nil
    }

    var names: [String] { variables.flatMap(\.keys) }
}
