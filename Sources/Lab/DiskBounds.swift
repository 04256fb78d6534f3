public import Fleet

/// How fast a host may use each of its own disks.
public struct DiskBounds: Hashable, Sendable {
    /// What is bounded. The names are the inventory's and, but for the order of words, the kernel's.
    public enum Bound: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
        /// Reads a second.
        case readIOPS = "read_iops"
        /// Writes a second.
        case writeIOPS = "write_iops"
        /// Bytes read a second.
        case readBytes = "read_bps"
        /// Bytes written a second.
        case writeBytes = "write_bps"

        /// Whether it counts bytes, which are given as disks' sizes are.
        public var isInBytes: Bool { self == .readBytes || self == .writeBytes }

        /// Below this a host would not get to the end of anything.
        fileprivate var least: Int { isInBytes ? 4096 : 1 }
    }

    /// The numbers, of those that are bounded.
    public private(set) var numbers: [Bound: Int] = [:]

    /// No bounds.
    public init() {}

    /// Whether nothing is bounded.
    public var isEmpty: Bool { numbers.isEmpty }

    /// The number of `bound`, or `nil` where the disk goes as fast as it can.
    public subscript(bound: Bound) -> Int? { numbers[bound] }

    /// Bounds `bound` by what `text` says, for a message about `owner`; `none` lifts it.
    /// - Throws: ``InputError`` when it is no number that a disk can be bounded by.
    public mutating func set(_ bound: Bound, to text: String, of owner: String) throws(InputError) {
        guard text != LabLimitChange.none else { return numbers[bound] = nil }
        let number = bound.isInBytes ? DiskSize(text)?.bytes : Int(text)
        guard let number, number >= bound.least else {
            throw InputError(
                "\(owner) has \(bound.rawValue) '\(text)', which bounds no disk", hints: [Self.hint(bound)])
        }
        // The kernel's own numbers for operations have 32 bits.
        numbers[bound] = bound.isInBytes ? number : min(number, Int(Int32.max))
    }

    /// The bound of that name.
    /// - Throws: ``InputError`` when there is none.
    public static func bound(_ name: String, of owner: String) throws(InputError) -> Bound {
        guard let bound = Bound(rawValue: name) else {
            let names = Bound.allCases.map(\.rawValue)
            let near = NearestNames.hints(for: name, among: names)
            throw InputError(
                "\(owner) has '\(name)', and takes \(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")",
                hints: near.isEmpty ? [example] : near)
        }
        return bound
    }

    /// What to write, for a hint.
    public static let example = "for example: lab_io: {read_iops: 200, write_bps: 10M}"

    private static func hint(_ bound: Bound) -> String {
        bound.isInBytes
            ? "bytes a second, with K, M, G or T behind the number, 4K at least: 10M"
            : "a whole number of operations a second, 1 at least: 200"
    }

    /// Each bound and its number, for people.
    var words: [String] {
        Bound.allCases.compactMap { bound in
            numbers[bound].map { "\(bound.rawValue) \(bound.isInBytes ? DiskSize(bytes: $0).description : String($0))" }
        }
    }
}

extension DiskBounds: Codable {
    /// Writes the numbers by their names.
    public func encode(to encoder: any Encoder) throws { try numbers.encode(to: encoder) }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws { numbers = try [Bound: Int](from: decoder) }
}
