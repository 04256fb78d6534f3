import Foundation

/// The mounted disks of a running host, held open beyond its end: without that, ending its last process would unmount
/// them in good order, with all that was ever written.
struct HeldDisks {
    private let descriptors: [Int32]

    /// ext4's `EXT4_IOC_SHUTDOWN`, and its flag by which not even the journal is written any more.
    private static let shutDown: UInt = 0x8004_587D
    private static let withoutJournal: UInt32 = 2

    /// Those of `images` that one of `processes` sees mounted.
    init(_ images: [DiskImage], seenBy processes: [Int32]) {
        descriptors = images.compactMap { image in
            for process in processes {
                if let descriptor = Self.open(image.mountPoint, seenBy: process) { return descriptor }
            }
            return nil
        }
    }

    private static func open(_ mountPoint: String, seenBy process: Int32) -> Int32? {
        let path = "/proc/\(process)/root\(mountPoint)"
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        var disk = stat()
        var folder = stat()
        let isMounted =
            fstat(descriptor, &disk) == 0 && stat(path + "/..", &folder) == 0
            && disk.st_dev != folder.st_dev
        if !isMounted { Foundation.close(descriptor) }
        return isMounted ? descriptor : nil
    }

    /// Whatever no disk has been told to keep is lost now, as in a power cut.
    func cutPower() throws(LabError) {
        for descriptor in descriptors {
            var flag = Self.withoutJournal
            guard ioctl(descriptor, Self.shutDown, &flag) != 0 else { continue }
            throw LabError(.stuck, "a disk could not be cut off: \(String(cString: strerror(errno)))")
        }
    }

    /// Lets go of the disks.
    func close() { for descriptor in descriptors { Foundation.close(descriptor) } }
}
