public import Fleet

/// A host that a lab boots.
public struct LabHost: Hashable, Sendable, Codable {
    /// The host as the inventory names it; what it calls itself.
    public let name: HostName
    /// Its address on the lab's bridge.
    public let address: LabAddress
    /// The port its SSH listens on.
    public let port: UInt16
    /// The user who logs in, with sudo without a password.
    public let user: String
    /// File systems of its own beside its volatile root.
    public let disks: [LabDisk]
    /// The Debian that it runs.
    public let release: LabRelease
    /// Whether it has `/dev/fuse`, for file systems that are programs.
    public let hasFuse: Bool
    /// What it may take of this machine, as the inventory says.
    public let limits: LabLimits
    /// What it may take since ``LabControl/limit(_:by:)``, until the inventory says something else; `nil` when the
    /// inventory's limits hold.
    public internal(set) var limitsByHand: LabLimits?

    /// Checks what the inventory says of `name`.
    /// - Throws: ``InputError`` when there is no address, the address is no IPv4 address of a host, the user's name is
    ///   none that Debian takes, or a disk or a limit would keep the host from coming up.
    public init(
        name: HostName, address: String?, port: UInt16 = 22, user: String = "root", disks: [LabDisk] = [],
        release: LabRelease = .standard, hasFuse: Bool = false, limits: LabLimits = LabLimits()
    ) throws(InputError) {
        guard let address else {
            throw InputError(
                "host '\(name)' has no address, and a lab boots each host on one",
                hints: ["give it one: ansible_host: 10.20.0.11"])
        }
        guard ![".", ".."].contains(name.description) else {
            throw InputError("host name '\(name)' names a folder", hints: ["give the host another name"])
        }
        guard user.wholeMatch(of: /[a-z_][a-z0-9_-]{0,31}/) != nil else {
            throw InputError(
                "user '\(user)' of host '\(name)' is no user name that Debian takes",
                hints: ["ansible_user begins with a small letter and has small letters, digits, '_' and '-'"])
        }
        try LabDisk.check(disks, of: name, user: user)
        try limits.check(of: name, disks: disks)
        self.name = name
        self.address = try LabAddress(address, of: name)
        self.port = port
        self.user = user
        self.disks = disks
        self.release = release
        self.hasFuse = hasFuse
        self.limits = limits
    }

    /// The limits that hold.
    public var limitsInForce: LabLimits { limitsByHand ?? limits }

    /// Whether the host can go on running as `other`: who logs in makes no difference, nor do limits.
    func isSameMachine(as other: LabHost) -> Bool {
        name == other.name && address == other.address && port == other.port && disks == other.disks
            && release == other.release && hasFuse == other.hasFuse
    }

    /// Decodes a host, with the checks of ``init(name:address:port:user:disks:release:hasFuse:limits:)``.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            name: fields.decode(HostName.self, forKey: .name),
            address: fields.decode(String.self, forKey: .address),
            port: fields.decodeIfPresent(UInt16.self, forKey: .port) ?? 22,
            user: fields.decode(String.self, forKey: .user),
            disks: fields.decodeIfPresent([LabDisk].self, forKey: .disks) ?? [],
            release: fields.decodeIfPresent(LabRelease.self, forKey: .release) ?? .standard,
            hasFuse: fields.decodeIfPresent(Bool.self, forKey: .hasFuse) ?? false,
            limits: fields.decodeIfPresent(LabLimits.self, forKey: .limits) ?? LabLimits())
        limitsByHand = try fields.decodeIfPresent(LabLimits.self, forKey: .limitsByHand)
    }
}

/// An IPv4 address that a host can have.
public struct LabAddress: Hashable, Sendable, Comparable, CustomStringConvertible, Encodable {
    private let octets: [UInt8]

    /// Reads `text`, four decimal numbers with points between.
    /// - Throws: ``InputError`` when it is something else, or the first or last address of its /24 network.
    init(_ text: String, of host: HostName) throws(InputError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let octets = parts.compactMap { UInt8($0) }
        guard octets.count == 4, parts.count == 4, octets.map(String.init).joined(separator: ".") == text else {
            throw InputError(
                "address '\(text)' of host '\(host)' is no IPv4 address",
                hints: ["a lab needs addresses, not names: ansible_host: 10.20.0.11"])
        }
        guard !([0, 127].contains(octets[0]) || octets[0] >= 224) else {
            throw InputError("address \(text) of host '\(host)' is none that a host can have")
        }
        guard octets[3] != 0, octets[3] != 255 else {
            throw InputError(
                "address \(text) of host '\(host)' is the network's own or its broadcast address",
                hints: ["a lab's network is a /24: hosts have .1 to .254"])
        }
        self.octets = octets
    }

    private init(octets: [UInt8]) { self.octets = octets }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// The last of the four numbers, 1 to 254: what tells the lab's hosts apart.
    var last: Int { Int(octets[3]) }

    /// The first three numbers, such as `10.20.0`.
    var prefix: String { octets.prefix(3).map(String.init).joined(separator: ".") }

    /// The address in the same /24 with another last number.
    func sibling(_ last: UInt8) -> LabAddress { LabAddress(octets: octets.prefix(3) + [last]) }

    /// The network card that goes with the address. A host that is switched off and on keeps its card, so its neighbours
    /// need not find out first that it has another.
    var hardwareAddress: String {
        "02:64" + octets.map { ":" + Hex.text([$0]) }.joined()
    }

    /// The /24 network, such as `10.20.0.0/24`.
    var network: String { "\(prefix).0/24" }

    /// Four decimal numbers with points between.
    public var description: String { octets.map(String.init).joined(separator: ".") }

    /// Orders by number.
    public static func < (left: Self, right: Self) -> Bool { left.octets.lexicographicallyPrecedes(right.octets) }
}
