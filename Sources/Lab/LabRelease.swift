public import Fleet

/// A release of Debian that a lab's host can be.
public enum LabRelease: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    /// Debian 12.
    case bookworm = "12"
    /// Debian 13.
    case trixie = "13"

    /// What a host is where nobody says otherwise.
    public static let standard = LabRelease.bookworm

    /// Reads a number or a name: `13` or `trixie`.
    public init?(_ text: String) {
        guard let release = Self.allCases.first(where: { text == $0.rawValue || text == $0.suite }) else { return nil }
        self = release
    }

    /// Reads what the inventory says of `host`.
    /// - Throws: ``InputError`` when it is no release that a lab boots.
    public init(_ text: String, of host: HostName) throws(InputError) {
        guard let release = LabRelease(text) else {
            let numbers = Self.allCases.map(\.rawValue).joined(separator: " and ")
            throw InputError(
                "lab_release of host '\(host)' is '\(text)', and a lab boots Debian \(numbers)", hints: [Self.example])
        }
        self = release
    }

    /// What to write, for a hint.
    public static let example =
        "for example: " + allCases.map { "lab_release: \($0.rawValue)" }.joined(separator: ", or ")

    /// What mirrors call it.
    public var suite: String {
        switch self {
        case .bookworm: "bookworm"
        case .trixie: "trixie"
        }
    }

    /// Its systemd refuses to boot on the control groups of cgroup v1.
    var needsUnifiedControlGroups: Bool { self != .bookworm }
}
