import Fleet

/// A version of HAProxy, as `show info` tells it: `2.6.12-1+deb12u4`, `3.1-dev5`.
struct HAProxyVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    let major, minor: Int
    let description: String

    /// `nil` for what begins with no two numbers.
    init?(_ text: some StringProtocol) {
        let numbers = text.split(separator: ".", maxSplits: 2).prefix(2).map { part in part.prefix(while: \.isNumber) }
        guard numbers.count == 2, let major = Int(numbers[0]), let minor = Int(numbers[1]) else { return nil }
        (self.major, self.minor, description) = (major, minor, String(text))
    }

    init(_ major: Int, _ minor: Int) { (self.major, self.minor, description) = (major, minor, "\(major).\(minor)") }

    /// The version in the answer to `show info`.
    init?(info: String) {
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("Version: ") }
        guard let line else { return nil }
        self.init(line.dropFirst("Version: ".count))
    }

    static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
    static func == (left: Self, right: Self) -> Bool { (left.major, left.minor) == (right.major, right.minor) }
}

/// What a version of HAProxy understands, and how what it lacks is worked around. Pure.
struct HAProxyDialect: Hashable, Sendable {
    /// How servers come and go.
    enum Membership: Hashable, Sendable {
        /// By a command.
        case atRunTime
        /// By a command that has to be unlocked first.
        case experimental
        /// By the file, which is read again.
        case byReload
    }

    let version: HAProxyVersion

    /// The first version that is spoken to.
    static let oldest = HAProxyVersion(2, 4)

    /// Whether members of a pool can be changed.
    var isSupported: Bool { version >= Self.oldest }

    /// How a server is added. 2.4 has no checks for one that came at run time, and 2.6 refuses one a cookie.
    func adding(to traffic: PoolTraffic) -> Membership {
        version < HAProxyVersion(2, 5) || traffic.cookie != nil ? .byReload : unlocked
    }

    /// How a server is removed.
    var removing: Membership { version < HAProxyVersion(2, 5) ? .byReload : unlocked }

    private var unlocked: Membership { version < HAProxyVersion(2, 6) ? .experimental : .atRunTime }

    /// What is said for `command`, in order. A server comes out of rotation, and its health is set to down before it may go
    /// in, which all versions know: `init-state`, of 3.1, is not needed for it.
    func lines(of command: SocketCommand, backend: String) -> [String] {
        let line = command.line(backend: backend)
        switch command {
        case .add, .delete: return unlocked == .experimental ? ["experimental-mode on", line] : [line]
        default: return [line]
        }
    }
}
