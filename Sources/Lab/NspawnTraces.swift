import Foundation

/// What systemd-nspawn leaves in `/run` when it is killed, which is how a lab's hosts end.
enum NspawnTraces {
    private static let folder = "/run/systemd/nspawn"

    /// Names of machines that have left something.
    static func machines() -> [String] {
        // Where systemd-nspawn has not run there is no such folder.
        (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/propagate")) ?? []
    }

    /// Removes the folder through which mounts would have been handed to `machine`.
    static func remove(machine: String) { rmdir("\(folder)/propagate/\(machine)") }

    /// Removes the lock on the root at `path`, which goes by its device and number.
    static func remove(lockOf path: String) {
        var root = stat()
        guard stat(path, &root) == 0 else { return }
        unlink("\(folder)/locks/inode-\(root.st_dev):\(root.st_ino)")
    }
}
