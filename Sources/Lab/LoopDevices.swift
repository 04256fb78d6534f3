import Foundation

/// Loop devices of this machine: disks that are files.
enum LoopDevices {
    /// Those whose file is below `folder`, which ends with a slash.
    static func names(below folder: String) -> [String] {
        // Where the loop module is not loaded there is none.
        let devices = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/block")) ?? []
        return devices.filter { $0.hasPrefix("loop") }.filter {
            SmallFile.read("/sys/block/\($0)/loop/backing_file").hasPrefix(folder)
        }
    }

    /// The number of `device`, such as `7:0`; `nil` when it has just gone.
    static func number(of device: String) -> String? {
        let text = SmallFile.read("/sys/block/\(device)/dev").split(whereSeparator: \.isWhitespace).first
        return text.map(String.init)
    }

    /// Has the kernel let go of the files below `folder`, which ends with a slash, and waits until it has.
    ///
    /// A file system is still there for a moment after the last process that saw it, and whoever mounted its file again
    /// would get the one that goes.
    /// - Throws: ``LabError`` `.stuck` when one is still in use after a minute: there may be much to write.
    static func release(below folder: String) async throws(LabError) {
        let deadline = ContinuousClock.now + .seconds(60)
        for device in names(below: folder) { try await Tool("losetup", "--detach", "/dev/\(device)").attempt() }
        while case let devices = names(below: folder), let device = devices.first {
            guard ContinuousClock.now < deadline else {
                throw LabError(
                    .stuck, "/dev/\(device), a disk below \(folder), is still in use",
                    hints: ["see by whom with: grep -l /dev/\(device) /proc/[0-9]*/mounts"])
            }
            await pause(.milliseconds(10))
        }
    }
}
