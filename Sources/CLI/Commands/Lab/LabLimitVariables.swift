import Fleet
import Lab
import OrderedCollections
import Values

/// The host variables `lab_cpus`, `lab_memory`, `lab_io` and `lab_fuse`.
enum LabLimitVariables {
    static let cpus = "lab_cpus"
    static let memory = "lab_memory"
    static let io = "lab_io"
    static let fuse = "lab_fuse"

    /// The limits that the host's evaluated variables ask for.
    /// - Throws: ``InputError`` that says what is wrong with them.
    static func limits(cpus: Value?, memory: Value?, io: Value?, of host: HostName) throws(InputError) -> LabLimits {
        LabLimits(
            cpus: try text(cpus, self.cpus, host, CPUAllowance.example).map { text throws(InputError) in
                guard let allowance = CPUAllowance(text) else {
                    throw InputError(
                        "lab_cpus of host '\(host)' is '\(text)', which is no number of processors",
                        hints: [CPUAllowance.example])
                }
                return allowance
            },
            memory: try text(memory, self.memory, host, DiskSize.example).map { text throws(InputError) in
                guard let size = DiskSize(text) else {
                    throw InputError(
                        "lab_memory of host '\(host)' is '\(text)', which is no size", hints: [DiskSize.example])
                }
                return size
            },
            io: try bounds(io, of: host))
    }

    /// Whether the host is to have `/dev/fuse`.
    static func hasFuse(_ value: Value?, of host: HostName) throws(InputError) -> Bool {
        switch value {
        case nil, .null?: return false
        case .bool(let flag)?: return flag
        default:
            throw InputError(
                "lab_fuse of host '\(host)' is neither true nor false", hints: ["for example: lab_fuse: true"])
        }
    }

    private static func bounds(_ value: Value?, of host: HostName) throws(InputError) -> DiskBounds {
        var bounds = DiskBounds()
        guard let value, value != .null else { return bounds }
        guard case .map(let fields) = value else {
            throw InputError(
                "lab_io of host '\(host)' is no mapping of what is bounded", hints: [DiskBounds.example])
        }
        for (key, value) in fields {
            let owner = "lab_io of host '\(host)'"
            let bound = try DiskBounds.bound(key.text ?? "\(key)", of: owner)
            guard let text = try text(value, "\(bound.rawValue) in lab_io", host, DiskBounds.example) else { continue }
            try bounds.set(bound, to: text, of: owner)
        }
        return bounds
    }

    /// A number or a text as text: templates make texts of numbers.
    private static func text(
        _ value: Value?, _ name: String, _ host: HostName, _ hint: String
    ) throws(InputError) -> String? {
        switch value {
        case nil, .null?: nil
        case .string(let text)?: text
        case .int(let number)?: String(number)
        case .double(let number)?: "\(number)"
        default: throw InputError("\(name) of host '\(host)' is neither a number nor a text", hints: [hint])
        }
    }
}
