public import Fleet
import OrderedCollections

/// A piece of a YAML file and the place where it stands.
public struct SourceNode: Sendable {
    /// What a node holds.
    public indirect enum Content: Sendable {
        /// One value: what YAML 1.1 makes of the text, a ``Value/template(_:)`` where the text holds template markers.
        case scalar(Value)
        /// A list.
        case sequence([SourceNode])
        /// A mapping, in the order of the file, merge keys (`<<`) already applied.
        case mapping([Entry])
    }

    /// One key of a mapping and what stands under it.
    public struct Entry: Sendable {
        /// The key: always a scalar, and never a template.
        public var key: SourceNode
        /// What stands under it.
        public var value: SourceNode

        /// `value` under `key`.
        public init(key: SourceNode, value: SourceNode) {
            self.key = key
            self.value = value
        }
    }

    /// What the node holds.
    public var content: Content
    /// Where it begins.
    public var location: SourceLocation

    /// `content` standing at `location`.
    public init(_ content: Content, at location: SourceLocation) {
        self.content = content
        self.location = location
    }
}

extension SourceNode {
    /// The node and all below it as a value.
    public var value: Value {
        switch content {
        case .scalar(let value): value
        case .sequence(let items): .list(items.map(\.value))
        case .mapping(let entries):
            .map(
                OrderedDictionary(
                    entries.map { ($0.key.value, $0.value.value) }, uniquingKeysWith: { _, later in later })
            )
        }
    }

    /// The same with nothing in it that would be evaluated; what a vault holds stays in it.
    var untrusted: SourceNode {
        var node = self
        switch content {
        case .scalar(.template(let template)) where !template.isCiphertext:
            node.content = .scalar(.string(template.text))
        case .scalar: break
        case .sequence(let items): node.content = .sequence(items.map(\.untrusted))
        case .mapping(let entries):
            node.content = .mapping(entries.map { Entry(key: $0.key, value: $0.value.untrusted) })
        }
        return node
    }

    /// The entries of a mapping; `nil` for anything else.
    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The elements of a list; `nil` for anything else.
    public var items: [SourceNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The text of a string or of a template; `nil` for anything else.
    public var text: String? {
        if case .scalar(let value) = content { value.text } else { nil }
    }

    /// Whether it is `null` or nothing was written.
    public var isNull: Bool {
        if case .scalar(.null) = content { true } else { false }
    }

    /// What stands under a string key of a mapping. Looks at each entry: for a few look-ups in small mappings.
    public subscript(key: String) -> SourceNode? {
        entries?.first { $0.key.text == key }?.value
    }

    /// What the node is, in words for messages: `a list`, `the number 5`, `the text 'x'`.
    public var summary: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(.null): "nothing"
        case .scalar(.bool(let flag)): flag ? "the boolean true" : "the boolean false"
        case .scalar(.int(let number)): "the number \(number)"
        case .scalar(.double(let number)): "the number \(number)"
        case .scalar(let other): "the text '\(Self.shortened(other.text ?? ""))'"
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count > 60 || text.contains("\n") ? text.prefix(60).prefix { $0 != "\n" } + "…" : text
    }
}
