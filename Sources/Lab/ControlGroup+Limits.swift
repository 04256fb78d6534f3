import Fleet
import Foundation

extension ControlGroup {
    /// Where limits are written, and how much wider the processors' quota is there.
    private struct Place {
        var folder: String
        var slack = 0.0
    }

    /// Has the group, and all that runs in it, hold `limits`.
    ///
    /// With cgroup v2, systemd-nspawn gives the host a group within this one for its root, where the host sees its limits and
    /// how often it was held: that gets them too, and this one a little more of the processors, so that it is there that
    /// the host is held. In cgroup v1 a rule for a disk counts for a group and not for those below it.
    /// - Throws: ``LabError`` `.stuck` when the kernel does not take one.
    func limit(_ limits: LabLimits, devices: [String]) throws(LabError) {
        for controller in LimitFile.Controller.allCases {
            for place in places(of: controller) {
                let files = LimitFile.all(
                    limits, devices: devices, isUnified: Self.isUnified, slack: place.slack)
                for file in files where file.controller == controller { try Self.write(file, in: place.folder) }
            }
        }
    }

    private func places(of controller: LimitFile.Controller) -> [Place] {
        let folder = "\(Self.hierarchy(of: controller))/\(Self.parent)/\(name)"
        guard Self.isUnified else {
            return controller == .io ? Self.tree(folder).map { Place(folder: $0) } : [Place(folder: folder)]
        }
        let own = "\(folder)/payload"
        guard FileManager.default.fileExists(atPath: own) else { return [Place(folder: folder)] }
        return [Place(folder: folder, slack: 0.05), Place(folder: own)]
    }

    private static func hierarchy(of controller: LimitFile.Controller) -> String {
        isUnified ? mount : "\(mount)/\(controller.separateName)"
    }

    private static func write(_ file: LimitFile, in folder: String) throws(LabError) {
        let path = "\(folder)/\(file.name)"
        // On a machine without the controller there is nothing to lift.
        guard file.isLimiting || FileManager.default.fileExists(atPath: path) else { return }
        guard !SmallFile.write(file.value, to: path) else { return }
        let code = errno
        throw LabError(
            .stuck, "the kernel does not take '\(file.value)' for \(path): \(String(cString: strerror(code)))",
            hints: code == EBUSY && file.controller == .memory
                ? ["the host uses more, and it cannot be taken away: end some of its processes, or limit it to more"]
                : [])
    }

    /// Controllers that `limits` need and this machine does not have for hosts.
    static func missing(for limits: LabLimits) -> [LimitFile.Controller] {
        let files = LimitFile.all(limits, devices: ["0:0"], isUnified: isUnified).filter(\.isLimiting)
        let present = SmallFile.read("\(mount)/cgroup.controllers").split(whereSeparator: \.isWhitespace)
        return LimitFile.Controller.allCases.filter { controller in
            guard let file = files.last(where: { $0.controller == controller }) else { return false }
            guard !isUnified else { return !present.contains(Substring(controller.rawValue)) }
            return !FileManager.default.fileExists(atPath: "\(hierarchy(of: controller))/\(file.name)")
        }
    }
}
