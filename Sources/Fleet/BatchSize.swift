/// How many hosts are changed together.
public enum BatchSize: Hashable, Sendable, Codable, CustomStringConvertible {
    /// So many hosts.
    case hosts(Int)
    /// So many percent of the hosts, rounded down, at least one.
    case percent(Int)

    /// The number of hosts in a batch of `total` hosts; at least 1.
    public func count(of total: Int) -> Int {
        switch self {
        case .hosts(let count): max(1, count)
        case .percent(let percent): max(1, total / 100 * percent + total % 100 * percent / 100)
        }
    }

    /// `3` or `25%`, as it is written.
    public var description: String {
        switch self {
        case .hosts(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        }
    }

    /// Reads `3` or `25%`; `nil` when the text is neither, not positive, or more than all.
    public init?(_ text: String) {
        if text.hasSuffix("%") {
            guard let percent = Int(text.dropLast()), (1...100).contains(percent) else { return nil }
            self = .percent(percent)
        } else {
            guard let count = Int(text), count > 0 else { return nil }
            self = .hosts(count)
        }
    }

    /// Splits `elements` into batches; the last size goes for all that follow. No sizes: one batch.
    public static func split<Element>(_ elements: [Element], sizes: [BatchSize]) -> [[Element]] {
        guard let last = sizes.last, !elements.isEmpty else { return elements.isEmpty ? [] : [elements] }
        var batches: [[Element]] = []
        var rest = elements[...]
        while !rest.isEmpty {
            let size = batches.count < sizes.count ? sizes[batches.count] : last
            let count = size.count(of: elements.count)
            batches.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return batches
    }

    /// Decodes what ``description`` wrote.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let size = BatchSize(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no batch size")
        }
        self = size
    }

    /// Encodes ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension BatchSize: ExpressibleByIntegerLiteral {
    /// So many hosts.
    public init(integerLiteral count: Int) { self = .hosts(count) }
}
