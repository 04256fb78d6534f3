import Fleet
import Foundation

extension LabControl {
    /// Checks that the disks that `plan` asks for can be, before anything is made or taken away.
    /// - Throws: ``InputError`` for a disk that is there otherwise, or for which there is no room; ``LabError`` when the
    ///   lab's record cannot be read.
    public func review(_ plan: LabPlan) throws {
        let record = try LabRecord.read(identity.recordFile)
        // Hosts whose image has gone are made anew.
        let present = (record?.hosts ?? []).filter { host in
            record?.images[host.release].map { FileManager.default.fileExists(atPath: $0) } ?? false
        }
        let room = DiskRoom(folder: identity.folder, free: Self.free(at: identity.folder)) { [identity] host, disk in
            DiskImage(disk: disk, folder: identity.diskFolder(host.name)).taken
        }
        try plan.checkDisks(present: present, room: room)
        try plan.checkMachine(
            hasFuse: FileManager.default.fileExists(atPath: "/dev/fuse"), missing: ControlGroup.missing)
    }

    /// What is left where `folder` is, or will be.
    private static func free(at folder: String) -> DiskSize {
        var place = URL(fileURLWithPath: folder)
        var status = statvfs()
        while statvfs(place.path, &status) != 0 {
            guard place.path != "/" else { return DiskSize(bytes: 0) }
            place.deleteLastPathComponent()
        }
        let (bytes, isTooLarge) = Int(status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return DiskSize(bytes: isTooLarge ? .max : bytes)
    }
}
