import Fleet

/// Room for disks on this machine.
struct DiskRoom {
    /// The folder that disks are made in.
    var folder: String
    /// What its file system has left.
    var free: DiskSize
    /// What a disk has taken of it already.
    var taken: (LabHost, LabDisk) -> Int
}

extension LabPlan {
    /// Checks that disks that are there stay as they are, and that what the plan's disks may take fits on this machine.
    ///
    /// - Parameter present: The hosts that the lab has.
    func checkDisks(present: [LabHost], room: DiskRoom) throws(InputError) {
        var needed = 0
        for host in hosts {
            if let before = present.first(where: { $0.name == host.name }) { try checkKept(before, host) }
            for disk in host.disks {
                let (sum, isTooLarge) = needed.addingReportingOverflow(max(0, disk.size.bytes - room.taken(host, disk)))
                needed = isTooLarge ? .max : sum
                guard needed > room.free.bytes else { continue }
                let isAlone = needed <= disk.size.bytes
                throw InputError(
                    "lab_disk of host '\(host.name)' at \(disk.path) has a size of \(disk.size)"
                        + (isAlone ? "" : ", with the disks before it \(DiskSize(bytes: needed).rounded)")
                        + ", and \(room.folder) has room for \(room.free.rounded)",
                    at: places[host.name],
                    hints: ["make it smaller, or set DROVER_STATE to a folder on a larger disk"])
            }
        }
    }

    /// A disk's data is not thrown away because a line of an inventory has changed.
    private func checkKept(_ before: LabHost, _ host: LabHost) throws(InputError) {
        for disk in before.disks where !host.disks.contains(disk) {
            let new = host.disks.first { $0.path == disk.path }
            throw InputError(
                "host '\(host.name)' has a disk of \(disk.size) at \(disk.path), and lab_disk now "
                    + (new.map { "gives it \($0.size)" } ?? "has none there"),
                at: places[host.name],
                hints: [
                    "a disk stays as it was made: say lab_disk: {path: \(disk.path), size: \(disk.size)} again",
                    "or make the host anew without its data: take it out of the inventory, drover lab up, put it in again",
                ])
        }
    }
}
