import Fleet
import OrderedCollections
import TaskModules
import Values

/// Values as people read them.
enum PlainText {
    /// Text as it is, numbers and booleans as Python prints them, everything else as JSON.
    static func of(_ value: Value) -> String {
        if value == .null { return "" }
        return value.plainText ?? value.json()
    }

    /// What kind of value it is, for messages.
    static func kind(of value: Value) -> String {
        switch value {
        case .null: "nothing"
        case .bool: "a boolean"
        case .int, .double: "a number"
        case .string, .template: "text"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}
