import Fleet
import Foundation

/// Whatever is on this machine under a lab's name, whether or not anybody remembers having made it.
struct LabRemains: Sendable {
    let identity: LabIdentity

    /// Takes hosts, cables, disks, mounts and namespaces of the lab away.
    func clear() async throws(LabError) {
        for link in try await LabMachine.links() where link.hasPrefix(identity.linkPrefix) && link != identity.bridge {
            try await Tool("ip", "link", "delete", link).attempt()
        }
        let groups = ControlGroup.names().filter { $0.hasPrefix(identity.id + "-") }
        try await forEachBounded(groups) { name async throws(LabError) in try await ControlGroup(name: name).destroy() }
        let mounts = MountTable.current().filter { $0.hasPrefix(identity.folder + "/") }
        try await forEachBounded(mounts) { path async throws(LabError) in try await HostMachine.unmount(path) }
        try await LoopDevices.release(below: identity.folder + "/")
        for machine in NspawnTraces.machines() where machine.hasPrefix(identity.namespacePrefix) {
            NspawnTraces.remove(machine: machine)
        }
        for namespace in try await namespaces() {
            try await Tool("ip", "netns", "delete", namespace).attempt()
        }
    }

    private func namespaces() async throws(LabError) -> [String] {
        try await Tool("ip", "netns", "list").run().split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.map(String.init)
        }.filter { $0.hasPrefix(identity.namespacePrefix) }
    }
}
