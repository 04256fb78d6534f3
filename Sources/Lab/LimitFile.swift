/// A file of the kernel by which a control group is limited, and what is to be written there.
struct LimitFile: Hashable, Sendable {
    /// What a file belongs to, as cgroup v2 calls it.
    enum Controller: String, CaseIterable, Sendable {
        case cpu, memory, io

        /// The folder of its hierarchy with cgroup v1.
        var separateName: String { self == .io ? "blkio" : rawValue }
    }

    var controller: Controller
    /// Its name in the group's folder.
    var name: String
    var value: String
    /// Whether it limits; otherwise it takes away what may never have been there.
    var isLimiting: Bool

    /// A quota is for this long; the kernel's usual.
    private static let period = 100_000

    /// All files that make a group hold `limits`, in the order of writing; a limit that is not there is lifted.
    /// - Parameters:
    ///   - devices: Numbers of the host's disks, such as `7:0`.
    ///   - isUnified: Whether the machine has cgroup v2 alone.
    ///   - slack: By how much the processors' quota is wider, as a part of it.
    static func all(
        _ limits: LabLimits, devices: [String], isUnified: Bool, slack: Double = 0
    ) -> [LimitFile] {
        // Thousandths of a processor are that many times 100 µs in a period.
        let quota = limits.cpus.map { Int(Double($0.thousandths * (period / 1000)) * (1 + slack)) }
        return isUnified ? unified(limits, quota, devices) : separate(limits, quota, devices)
    }

    private static func unified(_ limits: LabLimits, _ quota: Int?, _ devices: [String]) -> [LimitFile] {
        let bounds = DiskBounds.Bound.allCases.map { "\($0.unifiedWord)=\(limits.io[$0].map(String.init) ?? "max")" }
        let memory = limits.memory.map { String($0.bytes) } ?? "max"
        return [
            Self(.cpu, "cpu.max", "\(quota.map(String.init) ?? "max") \(period)", quota != nil),
            Self(.memory, "memory.max", memory, limits.memory != nil),
        ] + devices.map { Self(.io, "io.max", "\($0) \(bounds.joined(separator: " "))", !limits.io.isEmpty) }
    }

    private static func separate(_ limits: LabLimits, _ quota: Int?, _ devices: [String]) -> [LimitFile] {
        let bounds = devices.flatMap { device in
            DiskBounds.Bound.allCases.map { bound in
                Self(
                    .io, "blkio.throttle.\(bound.rawValue)_device", "\(device) \(limits.io[bound] ?? 0)",
                    limits.io[bound] != nil)
            }
        }
        return [
            Self(.cpu, "cpu.cfs_period_us", String(period), quota != nil),
            Self(.cpu, "cpu.cfs_quota_us", String(quota ?? -1), quota != nil),
            Self(.memory, "memory.limit_in_bytes", String(limits.memory?.bytes ?? -1), limits.memory != nil),
        ] + bounds
    }

    init(_ controller: Controller, _ name: String, _ value: String, _ isLimiting: Bool) {
        self.controller = controller
        self.name = name
        self.value = value
        self.isLimiting = isLimiting
    }
}

extension DiskBounds.Bound {
    /// What `io.max` calls it.
    fileprivate var unifiedWord: String {
        switch self {
        case .readIOPS: "riops"
        case .writeIOPS: "wiops"
        case .readBytes: "rbps"
        case .writeBytes: "wbps"
        }
    }
}
