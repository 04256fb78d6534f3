/// What a mapping of `drover.yml` may have. The reader goes by it, and so does the page that lists the keys.
public struct ServiceKeys: Sendable {
    /// What may stand under a key.
    public indirect enum Kind: Sendable {
        /// Text; what it has to be besides is said in words.
        case text
        /// One text, or a list of them.
        case texts
        /// An absolute path on hosts.
        case hostPath
        /// A path within a URL.
        case urlPath
        /// `true` or `false`.
        case flag
        /// A whole number within bounds.
        case number(ClosedRange<Int>)
        /// A time within bounds.
        case time(ClosedRange<Duration>)
        /// A status of HTTP, or a range of them.
        case statuses
        /// A number of hosts, or a percentage.
        case batch
        /// One of those, or a list of them.
        case batches
        /// A percentage, from 1 to 100.
        case percentage
        /// One of these words.
        case word([String])
        /// Texts, each under the name of a variable; nothing (`~`) takes one away.
        case variables
        /// A mapping.
        case mapping(ServiceKeys)
        /// A mapping, or text in its place.
        case textOr(ServiceKeys)
        /// A mapping, or `false` in its place.
        case falseOr(ServiceKeys)
        /// A mapping, or `true` or `false` in its place.
        case flagOr(ServiceKeys)
        /// Texts, each under the name of a header field.
        case headers
        /// A share, such as `5%`.
        case share
        /// A number that need not be whole, within bounds.
        case decimal(ClosedRange<Double>)
        /// Mappings, each under a name of its own.
        case named(ServiceKeys)
        /// A list of mappings.
        case list(ServiceKeys)
    }

    /// A key and what may stand there.
    public struct Key: Sendable {
        /// The key.
        public let name: String
        /// What may stand under it.
        public let kind: Kind
        /// Whether it must be there.
        public let isRequired: Bool
        /// What holds where it is not there, as it would be written; `nil` where that is nothing.
        public let standard: String?
        /// What it is for.
        public let meaning: String

        static func required(_ name: String, _ kind: Kind, _ meaning: String) -> Key {
            Key(name: name, kind: kind, isRequired: true, standard: nil, meaning: meaning)
        }

        static func optional(_ name: String, _ kind: Kind, _ standard: String, _ meaning: String) -> Key {
            Key(name: name, kind: kind, isRequired: false, standard: standard, meaning: meaning)
        }

        static func optional(_ name: String, _ kind: Kind, _ meaning: String) -> Key {
            Key(name: name, kind: kind, isRequired: false, standard: nil, meaning: meaning)
        }
    }

    /// What the mapping is called in messages.
    public let name: String
    /// Its keys, in the order in which one writes them.
    public let keys: [Key]

    init(_ name: String, _ keys: [Key]) { (self.name, self.keys) = (name, keys) }

    /// The same under another name.
    func called(_ name: String) -> Self { Self(name, keys) }

    /// The keys' names.
    var names: [String] { keys.map(\.name) }

    private func kind(of key: String) -> Kind? { keys.first { $0.name == key }?.kind }

    /// The bounds of the number under `key`.
    func bounds(ofNumber key: String) -> ClosedRange<Int> {
        guard case .number(let bounds) = kind(of: key) else { preconditionFailure("'\(key)' is no number of \(name)") }
        return bounds
    }

    /// The words that may stand under `key`.
    func words(of key: String) -> [String] {
        guard case .word(let words) = kind(of: key) else { preconditionFailure("'\(key)' is no word of \(name)") }
        return words
    }

    /// The bounds of the time under `key`.
    func bounds(ofTime key: String) -> ClosedRange<Duration> {
        guard case .time(let bounds) = kind(of: key) else { preconditionFailure("'\(key)' is no time of \(name)") }
        return bounds
    }
}
