public import Fleet
public import Inventories
import OrderedCollections
import Values

extension Playbook {
    /// Opens the encrypted values that the playbook names, by itself or through other variables, so that a password that is
    /// wrong or missing is told before anything is touched. Values that nothing names stay closed.
    /// - Throws: ``InputError`` with the place of the first that no password opens.
    public func decryptValues(of inventory: Inventory, for hosts: [HostName]) throws(InputError) {
        for open in sealed(of: inventory, for: hosts) { _ = try open() }
    }

    /// Notes the encrypted values that ``decryptValues(of:for:)`` could not open.
    public func noteLockedValues(of inventory: Inventory, for hosts: [HostName], in mistakes: MistakeLog) {
        for open in sealed(of: inventory, for: hosts) {
            _ = mistakes.attempt { () throws(InputError) in try open() }
        }
    }

    private typealias Opening = @Sendable () throws(InputError) -> String

    private func sealed(of inventory: Inventory, for hosts: [HostName]) -> [Opening] {
        guard reader.vault.hasEncryptedValues else { return [] }
        var search = VaultTextSearch(names: reader.templates.variableNames.union(ConnectionVariables.names))
        search.take(reader.templates.sealed)
        search.take([reader.extra])
        for host in hosts { search.take([inventory.variables(of: host)]) }
        return search.found.compactMap { template in
            if case .ciphertext(let open)? = template.vault { open } else { nil }
        }
    }
}

/// Looks for encrypted values among variables, beginning with names that are used.
private struct VaultTextSearch {
    private var wanted: Set<String>
    /// Encrypted values and templates of variables nobody has asked for yet.
    private var waiting: [String: OrderedSet<TemplateText>] = [:]
    private(set) var found: OrderedSet<TemplateText> = []

    init(names: Set<String>) { wanted = names }

    mutating func take(_ values: [(name: String, template: TemplateText)]) {
        for (name, template) in values { take(template, of: name) }
    }

    mutating func take(_ layers: [Variables]) {
        for layer in layers {
            for (name, value) in layer { value.forEachTemplate { take($0, of: name) } }
        }
    }

    private mutating func take(_ template: TemplateText, of name: String) {
        guard wanted.contains(name) else {
            waiting[name, default: []].append(template)
            return
        }
        follow(template)
    }

    /// Notes an encrypted value; for a template, goes on to the variables that it may name.
    private mutating func follow(_ template: TemplateText) {
        guard found.append(template).inserted else { return }
        if case .ciphertext? = template.vault { return }
        for word in template.text.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") }) {
            guard wanted.insert(String(word)).inserted else { continue }
            for next in waiting.removeValue(forKey: String(word)) ?? [] { follow(next) }
        }
    }
}

extension Value {
    /// Every template inside the value, keys left out.
    fileprivate func forEachTemplate(_ body: (TemplateText) -> Void) {
        switch self {
        case .template(let template): body(template)
        case .list(let items): for item in items { item.forEachTemplate(body) }
        case .map(let fields): for (_, value) in fields { value.forEachTemplate(body) }
        default: break
        }
    }
}

extension SourceNode {
    /// Every encrypted value inside the node.
    var sealedTemplates: [TemplateText] {
        switch content {
        case .scalar(.template(let template)):
            if case .ciphertext? = template.vault { [template] } else { [] }
        case .scalar: []
        case .sequence(let items): items.flatMap(\.sealedTemplates)
        case .mapping(let entries): entries.flatMap(\.value.sealedTemplates)
        }
    }
}
