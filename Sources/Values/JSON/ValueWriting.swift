import OrderedCollections

extension Value {
    /// The value as JSON. Templates are written as their source, keys that are no text as Python's `json` spells them.
    public func json(_ layout: JSONLayout = .line) -> String {
        var writer = JSONWriter(layout)
        writer.write(self)
        return writer.text
    }

    /// The keys and values of a mapping, in its order; `nil` for anything else.
    public var fields: [(key: Value, value: Value)]? {
        guard case .map(let fields) = self else { return nil }
        return fields.map { ($0.key, $0.value) }
    }
}

extension JSONWriter {
    /// How texts are written that an inventory's reader would take for something else.
    public enum Marking: Sendable {
        /// As texts.
        case none
        /// Ciphertext under `__ansible_vault`.
        case vault
        /// That, and texts that look like templates but are none under `__ansible_unsafe`.
        case vaultAndUnsafe
    }

    /// Writes a value.
    public mutating func write(_ value: Value, marking: Marking = .none) {
        switch value {
        case .null: writeNull()
        case .bool(let flag): write(flag)
        case .int(let number): write(number)
        case .double(let number): write(number)
        case .string(let text) where marking == .vaultAndUnsafe && Value.isTemplate(text):
            write(marked: text, as: "__ansible_unsafe")
        case .string(let text): write(text)
        case .template(let template) where marking != .none && template.isCiphertext:
            write(marked: template.text, as: "__ansible_vault")
        case .template(let template): write(template.text)
        case .list(let items):
            open(.list)
            for element in items {
                item()
                write(element, marking: marking)
            }
            close(.list)
        case .map(let fields): write(fields, marking: marking)
        }
    }

    private mutating func write(marked text: String, as name: String) {
        open(.map)
        key(name)
        write(text)
        close(.map)
    }

    private mutating func write(_ fields: OrderedDictionary<Value, Value>, marking: Marking) {
        open(.map)
        for (name, value) in layout.sortsKeys ? JSONKeys.sorted(fields) : fields.map({ ($0.key, $0.value) }) {
            key(JSONKeys.name(name))
            write(value, marking: marking)
        }
        close(.map)
    }
}
