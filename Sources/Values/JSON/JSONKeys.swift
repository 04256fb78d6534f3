import OrderedCollections

/// The keys of mappings as the names that JSON wants them to be.
enum JSONKeys {
    /// A key's name: what Python's `json` makes of a key that is no text, and JSON of what Python refuses.
    static func name(_ key: Value) -> String {
        switch key {
        case .null: "null"
        case .bool(let flag): JSONWriter.spelled(flag)
        case .int(let number): String(number)
        case .double(let number): JSONWriter.spelled(number)
        case .string(let text): text
        case .template(let template): template.text
        case .list, .map: key.json()
        }
    }

    /// The elements of a mapping with its keys in order: numbers by value before names by their characters. Python
    /// refuses to order the two among each other.
    static func sorted(_ fields: OrderedDictionary<Value, Value>) -> [(key: Value, value: Value)] {
        fields.map { (order: order($0.key), element: (key: $0.key, value: $0.value)) }
            .sorted { isBefore($0.order, $1.order) }
            .map(\.element)
    }

    private enum Order { case number(Double), name(String) }

    private static func order(_ key: Value) -> Order {
        switch key {
        case .bool(let flag): .number(flag ? 1 : 0)
        case .int(let number): .number(Double(number))
        case .double(let number): .number(number)
        default: .name(name(key))
        }
    }

    private static func isBefore(_ left: Order, _ right: Order) -> Bool {
        switch (left, right) {
        case (.number(let left), .number(let right)): left < right
        case (.number, .name): true
        case (.name, .number): false
        case (.name(let left), .name(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        }
    }
}
