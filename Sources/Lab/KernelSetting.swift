import Foundation

/// A number of this machine's kernel that labs need raised, and that gets its old value back with the last lab.
struct KernelSetting: Sendable {
    /// Its file below /proc/sys.
    let path: String
    /// The least that labs need.
    let least: Int
    /// Holds the old value; gone with the last lab, or a restart of the machine.
    private let before: String

    private init(_ name: String, least: Int) {
        path = "/proc/sys/" + name
        before = "/run/drover-lab-" + name.replacingOccurrences(of: "/", with: "-")
        self.least = least
    }

    /// Hosts reach Debian's mirrors through this machine. And each host's systemd takes about ten inotify instances of
    /// root's, whose usual 128 are gone after a dozen hosts: the next ones never come up.
    static let all = [
        KernelSetting("net/ipv4/ip_forward", least: 1),
        KernelSetting("fs/inotify/max_user_instances", least: 8192),
    ]

    /// Raises the value to what labs need, and keeps the old one.
    func raise() throws(LabError) {
        let value = SmallFile.read(path).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let number = Int(value), number < least else { return }
        do {
            try Data("\(value)\n".utf8).write(to: URL(fileURLWithPath: before))
        } catch { throw .fileFailed(before, error) }
        try Self.set(path, "\(least)\n")
    }

    /// Gives the old value back, if it was raised.
    func restore() throws(LabError) {
        guard FileManager.default.fileExists(atPath: before) else { return }
        try Self.set(path, SmallFile.read(before))
        unlink(before)
    }

    static func set(_ path: String, _ value: String) throws(LabError) {
        guard SmallFile.write(value, to: path) else {
            throw LabError(.stuck, "could not write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
