import Fleet

/// What a host may take of this machine.
public struct LabLimits: Hashable, Sendable, Codable {
    /// How much of the processors; `nil` for all.
    public var cpus: CPUAllowance?
    /// How much memory, the page cache included; `nil` for all.
    public var memory: DiskSize?
    /// How fast it may use its own disks.
    public var io: DiskBounds

    /// Below this, Debian's systemd and sshd do not come up.
    private static let leastMemory = DiskSize(bytes: 48 << 20)

    /// Limits; none where nothing is said.
    public init(cpus: CPUAllowance? = nil, memory: DiskSize? = nil, io: DiskBounds = DiskBounds()) {
        self.cpus = cpus
        self.memory = memory
        self.io = io
    }

    /// Whether the host may take all there is.
    public var isEmpty: Bool { self == LabLimits() }

    /// For people: `0.2 cpus, 256M, read_iops 200`; nothing without limits.
    public var text: String {
        let cpus = self.cpus.map { "\($0) cpus" }
        return ([cpus, memory?.description].compactMap { $0 } + io.words).joined(separator: ", ")
    }

    /// Checks the limits of `host`, which has `disks`.
    /// - Throws: ``InputError`` when the host would not come up with them, or there is nothing that they bound.
    func check(of host: HostName, disks: [LabDisk]) throws(InputError) {
        if let memory, memory < Self.leastMemory {
            throw InputError(
                "lab_memory of host '\(host)' is \(memory), and a host needs \(Self.leastMemory) to come up",
                hints: ["for example: lab_memory: 256M"])
        }
        guard io.isEmpty || !disks.isEmpty else {
            throw InputError(
                "lab_io of host '\(host)' bounds the host's own disks, and it has none",
                hints: ["give it one: " + LabDisk.example.dropFirst("for example: ".count)])
        }
    }

    private enum CodingKeys: String, CodingKey { case cpus, memory, io }

    /// Writes the limits that there are, memory in bytes.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(cpus, forKey: .cpus)
        try fields.encodeIfPresent(memory?.bytes, forKey: .memory)
        if !io.isEmpty { try fields.encode(io, forKey: .io) }
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        cpus = try fields.decodeIfPresent(CPUAllowance.self, forKey: .cpus)
        memory = try fields.decodeIfPresent(Int.self, forKey: .memory).map(DiskSize.init(bytes:))
        io = try fields.decodeIfPresent(DiskBounds.self, forKey: .io) ?? DiskBounds()
    }
}

/// A change of a host's limits: what it does not name stays.
public struct LabLimitChange: Sendable, Equatable {
    /// The word that lifts a limit.
    public static let none = "none"

    /// A new value for one limit.
    public enum Setting<Value: Sendable & Equatable>: Sendable, Equatable {
        /// The limit stays as it is.
        case stays
        /// There is no such limit any more.
        case lifted
        /// The limit is this.
        case limited(Value)

        func over(_ before: Value?) -> Value? {
            switch self {
            case .stays: before
            case .lifted: nil
            case .limited(let value): value
            }
        }
    }

    /// Whether the limits by hand go, and the inventory's come back, before the rest.
    public var followsInventory = false
    /// Processors.
    public var cpus: Setting<CPUAllowance> = .stays
    /// Memory.
    public var memory: Setting<DiskSize> = .stays
    /// Whether all bounds of the disks go before ``io`` is looked at.
    public var liftsIO = false
    /// Bounds of the disks, by their names and as text.
    public var io: [(bound: DiskBounds.Bound, text: String)] = []

    /// Nothing changes.
    public init() {}

    /// Whether nothing would change.
    public var isEmpty: Bool { self == LabLimitChange() }

    /// The limits after the change.
    func applied(to before: LabLimits, of host: HostName) throws(InputError) -> LabLimits {
        var io = liftsIO ? DiskBounds() : before.io
        for (bound, text) in self.io { try io.set(bound, to: text, of: "--io for host '\(host)'") }
        return LabLimits(cpus: cpus.over(before.cpus), memory: memory.over(before.memory), io: io)
    }

    /// Equal when they do the same.
    public static func == (left: Self, right: Self) -> Bool {
        left.followsInventory == right.followsInventory && left.cpus == right.cpus && left.memory == right.memory
            && left.liftsIO == right.liftsIO && left.io.map(\.bound) == right.io.map(\.bound)
            && left.io.map(\.text) == right.io.map(\.text)
    }
}
