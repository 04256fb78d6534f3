public import Fleet
public import OrderedCollections

/// Data of an inventory, a playbook or a result, as Python and YAML 1.1 know it.
///
/// A value that comes from a trusted file and holds template markers is a ``template(_:)``: it is evaluated at each use.
/// Whatever a host or a module answered is a ``string(_:)``, and is never evaluated.
public enum Value: Hashable, Sendable {
    /// Python's `None`, YAML's `null`.
    case null
    /// A boolean.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// A floating-point number.
    case double(Double)
    /// Text that is not evaluated.
    case string(String)
    /// Text of a trusted file, evaluated at each use.
    case template(TemplateText)
    /// An ordered list.
    case list([Value])
    /// A mapping that keeps the order of its keys.
    case map(OrderedDictionary<Value, Value>)

    /// A mapping with string keys.
    public static func map(_ fields: KeyValuePairs<String, Value>) -> Value {
        .map(OrderedDictionary(uniqueKeysWithValues: fields.map { (.string($0.key), $0.value) }))
    }
}

/// The source of a template and the place it stands at.
public struct TemplateText: Hashable, Sendable {
    /// The template as written.
    public var text: String
    /// Where it stands, for messages; no part of the value's identity.
    public var location: SourceLocation?
    /// What a vault has to do with it; `nil` for text that stands in the open.
    public var vault: VaultText?

    /// A template standing at `location`.
    public init(_ text: String, at location: SourceLocation? = nil, vault: VaultText? = nil) {
        self.text = text
        self.location = location
        self.vault = vault
    }

    /// Whether the text is what a vault holds, and not a template.
    public var isCiphertext: Bool { if case .ciphertext? = vault { true } else { false } }

    /// Equal when the texts are.
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    /// Hashes the text alone.
    public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A vault's hold on a text.
public enum VaultText: Sendable {
    /// The text is ciphertext; this opens it, and throws ``InputError`` when no password does.
    case ciphertext(open: @Sendable () throws(InputError) -> String)
    /// The text is a template of a file that was encrypted as a whole; this hears what it comes to, which is a secret too.
    case template(keep: @Sendable (String) -> Void)
}

/// Variables by name, in the order they were set.
public typealias Variables = OrderedDictionary<String, Value>

extension Value {
    /// Wraps trusted text: a template if it holds `{{`, `{%` or `{#`, else a plain string.
    public static func trusted(_ text: String, at location: SourceLocation? = nil) -> Value {
        isTemplate(text) ? .template(TemplateText(text, at: location)) : .string(text)
    }

    /// Whether `text` holds a marker that opens a template's expression, statement or comment.
    public static func isTemplate(_ text: String) -> Bool {
        var previousWasBrace = false
        for byte in text.utf8 {
            if previousWasBrace, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "#") {
                return true
            }
            previousWasBrace = byte == UInt8(ascii: "{")
        }
        return false
    }

    /// The text of a string, or the source of a template.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .template(let template): template.text
        default: nil
        }
    }

    /// The element under a string key of a mapping.
    public subscript(key: String) -> Value? {
        guard case .map(let fields) = self else { return nil }
        return fields[.string(key)]
    }
}

extension Variables {
    /// The variables as one mapping.
    public var asMap: Value { .map(.init(uniqueKeysWithValues: map { (.string($0.key), $0.value) })) }
}
