import Fleet

/// What a build takes on a host's disk.
public struct BuildExtent: Hashable, Sendable, Codable {
    /// Length of the build's file in bytes.
    public var packed: Int64
    /// Bytes of the files in it, each rounded up to whole blocks of 4 KiB.
    public var unpacked: Int64
    /// How many files, folders and links are in it.
    public var entries: Int64

    /// What a build of this size takes.
    public init(packed: Int64, unpacked: Int64, entries: Int64) {
        self.packed = packed
        self.unpacked = unpacked
        self.entries = entries
    }
}

/// The room on a host's disk, as the script that prepares an upload prints it.
struct HostRoom: Hashable, Sendable {
    /// Free bytes; `nil` when the host could not say.
    var free: Int64?
    /// Free inodes; `nil` when the host could not say, or its file system makes them as it needs them.
    var inodes: Int64?
    /// Where the file system is mounted.
    var mount = "/"

    /// Room that is left alone: what Drover notes, and what the service writes meanwhile.
    private static let reserve: Int64 = 4 << 20
    private static let sparedInodes: Int64 = 64

    init(free: Int64? = nil, inodes: Int64? = nil, mount: String = "/") {
        self.free = free
        self.inodes = inodes
        self.mount = mount
    }

    /// Reads `space=`, `inodes=` and `mount=` lines.
    init(parsing lines: [Substring]) {
        for line in lines {
            if line.hasPrefix("space="), let blocks = Int64(line.dropFirst(6).filter { $0 != " " }), blocks >= 0 {
                free = blocks.multipliedReportingOverflow(by: 1024).overflow ? .max : blocks * 1024
            } else if line.hasPrefix("inodes=") {
                let numbers = line.dropFirst(7).split(separator: " ").map { Int64($0) }
                if numbers.count == 2, let total = numbers[0], total > 0 { inodes = numbers[1] }
            } else if line.hasPrefix("mount=") {
                mount = String(line.dropFirst(6))
            }
        }
    }

    /// Why a build cannot be unpacked here, with the arithmetic; `nil` when it can, or nothing is known.
    func refusal(of extent: BuildExtent) -> String? {
        let (sum, isHuge) = extent.packed.addingReportingOverflow(extent.unpacked)
        let (needed, isHuger) = sum.addingReportingOverflow(Self.reserve)
        if let free, isHuge || isHuger || free < needed {
            return
                "the build needs \(Self.size(isHuge || isHuger ? .max : needed)) (\(Self.size(extent.packed)) packed, "
                + "\(Self.size(extent.unpacked)) unpacked, \(Self.size(Self.reserve)) to spare), and \(mount) has "
                + "\(Self.size(free)) free"
        }
        let (files, isMany) = extent.entries.addingReportingOverflow(Self.sparedInodes)
        if let inodes, isMany || inodes < files {
            return "the build needs \(isMany ? .max : files) inodes (\(extent.entries) files and folders, "
                + "\(Self.sparedInodes) to spare), and \(mount) has \(inodes) free"
        }
        return nil
    }

    private static func size(_ bytes: Int64) -> String { ByteCount(Int(bytes)).description }
}
