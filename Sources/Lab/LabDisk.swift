public import Fleet

/// A real file system in a host: of its own size, where `fsync` keeps what it promises and a power cut loses the rest.
///
/// All else in a host is an overlay without `fsync`, as large as this machine's disk.
public struct LabDisk: Hashable, Sendable {
    /// Where the host has it.
    public let path: String
    /// How large it is.
    public let size: DiskSize

    /// Below this, ext4 has no room for a journal and for data.
    private static let least = DiskSize(bytes: 8 << 20)

    /// What to write, for a hint.
    public static let example = "for example: lab_disk: {path: /var/lib/etcd, size: 512M}"

    /// Checks a disk of `host` at `path`.
    /// - Throws: ``InputError`` when no disk can be there, or it is too small.
    public init(path: String, size: DiskSize, of host: HostName) throws(InputError) {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard path.wholeMatch(of: /(\/[A-Za-z0-9._-]+)+/) != nil, !names.contains("."), !names.contains("..") else {
            throw InputError(
                "lab_disk of host '\(host)' has path '\(path)', which no disk can be at",
                hints: ["a path begins with / and has letters, digits, '.', '_' and '-': /var/lib/etcd"])
        }
        guard size >= Self.least else {
            throw InputError(
                "lab_disk of host '\(host)' at \(path) has a size of \(size), and a file system needs \(Self.least)",
                hints: [Self.example])
        }
        self.path = path
        self.size = size
    }
}

extension LabDisk: Codable {
    private enum Field: String, CodingKey { case path, size }

    /// Writes path and size, this in bytes.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encode(path, forKey: .path)
        try fields.encode(size.bytes, forKey: .size)
    }

    /// Reads what ``encode(to:)`` wrote, with the checks of ``init(path:size:of:)``.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        let path = try fields.decode(String.self, forKey: .path)
        let size = DiskSize(bytes: try fields.decode(Int.self, forKey: .size))
        try self.init(path: path, size: size, of: HostName("recorded"))
    }
}

extension LabDisk {
    /// Where a host has what it boots from: with an empty file system there, or above it, it would not come up.
    private static let systemTrees = [
        "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/run", "/sbin", "/sys",
        "/usr",
    ]

    /// Checks the disks of one host together.
    /// - Throws: ``InputError`` when one would hide what the host needs, or two are at one path.
    static func check(_ disks: [LabDisk], of host: HostName, user: String) throws(InputError) {
        let homes = ["/root", "/home/\(user)"]
        for disk in disks {
            let hidden = (systemTrees + homes + ["/var/lib/dpkg"]).first { holds(disk.path, $0) }
            guard hidden == nil, !systemTrees.contains(where: { holds($0, disk.path) }) else {
                throw InputError(
                    "lab_disk of host '\(host)' at \(disk.path) would hide what the host runs on",
                    hints: ["put it where a service has its data, such as /var/lib/etcd or /srv"])
            }
        }
        guard let twice = disks.first(where: { disk in disks.count { $0.path == disk.path } > 1 }) else { return }
        throw InputError(
            "host '\(host)' has two lab_disks at \(twice.path)", hints: ["give each a path of its own"])
    }

    private static func holds(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder + "/")
    }
}
