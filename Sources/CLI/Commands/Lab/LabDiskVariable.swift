import Fleet
import Lab
import OrderedCollections
import Values

/// The host variable `lab_disk`.
enum LabDiskVariable {
    static let name = "lab_disk"

    /// The disks that `value`, the host's evaluated variable, asks for: a mapping, or a list of them.
    /// - Throws: ``InputError`` that says what is wrong with it.
    static func disks(_ value: Value?, of host: HostName) throws(InputError) -> [LabDisk] {
        switch value {
        case nil, .null?: []
        case .map?: [try disk(value, of: host)]
        case .list(let values)?: try values.map { value throws(InputError) in try disk(value, of: host) }
        default: throw misshapen(host)
        }
    }

    private static func disk(_ value: Value?, of host: HostName) throws(InputError) -> LabDisk {
        guard case .map(let fields)? = value else { throw misshapen(host) }
        if let stranger = fields.keys.first(where: { ![.string("path"), .string("size")].contains($0) }) {
            let hints = stranger.text.map { NearestNames.hints(for: $0, among: ["path", "size"]) } ?? []
            throw InputError(
                "lab_disk of host '\(host)' has '\(stranger.text ?? "\(stranger)")', and takes path and size",
                hints: hints.isEmpty ? [LabDisk.example] : hints)
        }
        guard case .string(let path)? = value?["path"], let size = value?["size"] else {
            throw InputError("lab_disk of host '\(host)' needs both path and size", hints: [LabDisk.example])
        }
        return try LabDisk(path: path, size: try self.size(size, of: host), of: host)
    }

    private static func size(_ value: Value, of host: HostName) throws(InputError) -> DiskSize {
        switch value {
        case .int(let bytes): return DiskSize(bytes: bytes)
        case .string(let text):
            if let size = DiskSize(text) { return size }
            throw InputError(
                "lab_disk of host '\(host)' has size '\(text)', which is no size",
                hints: [DiskSize.example])
        default: throw InputError("lab_disk of host '\(host)' has a size that is no size", hints: [LabDisk.example])
        }
    }

    private static func misshapen(_ host: HostName) -> InputError {
        InputError(
            "lab_disk of host '\(host)' is neither a mapping with path and size nor a list of such",
            hints: [LabDisk.example])
    }
}
