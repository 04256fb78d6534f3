import Fleet
import Foundation

/// One host of a lab as a machine that is switched on and off.
struct HostMachine: Sendable {
    let identity: LabIdentity
    let host: LabHost

    private var group: ControlGroup { ControlGroup(name: identity.cgroup(host.address.last)) }
    private var keeper: ControlGroup { ControlGroup(name: "\(group.name)/keeper") }
    private var images: [DiskImage] {
        host.disks.map { DiskImage(disk: $0, folder: identity.diskFolder(host.name)) }
    }
    private var folder: String { identity.hostFolder(host.name) }
    private var root: String { identity.rootFolder(host.name) }

    /// Folders of the group of what is run in the host from outside: it counts as the host's, which has no process of its own
    /// beside its groups.
    func visitors() throws(LabError) -> [String] { try ControlGroup(name: "\(group.name)/visitors").make() }

    /// Process number of the host's systemd on this machine, if it runs.
    var leader: Int32? { group.leader() }

    /// Mounts the host's disk: the image, and what the host has changed.
    ///
    /// `volatile` leaves out waiting for this machine's disk; a lab does not outlive the machine's crash.
    func mount(image: String) async throws(LabError) {
        let script = """
            mkdir -p "$2/upper" "$2/work" "$2/root"
            rm -rf "$2/work/work/incompat"
            mount -t overlay "$1" -o "lowerdir=$3,upperdir=$2/upper,workdir=$2/work,volatile" "$2/root"
            """
        do {
            try await Tool.script(script, ["drover-lab", folder, image]).run()
        } catch {
            throw LabError(
                error.code, host: host.name, "its disk could not be mounted: \(error.message)",
                hints: [
                    "overlayfs must be able to write under \(identity.folder): set DROVER_STATE to a folder on a plain disk"
                ])
        }
    }

    /// Makes those of the host's own disks that are not there.
    func makeDisks() async throws(LabError) {
        for image in images {
            do {
                try await image.make()
            } catch { throw error.about(host.name) }
        }
    }

    /// Boots the host on its mounted disk. It goes on when this process ends, and boots again when it reboots itself.
    func boot() async throws(LabError) {
        let groups = try group.make()
        _ = try keeper.make()
        try limit()
        let name = identity.namespace(host.address.last)
        let arguments = [identity.logFile(host.name), name, root, keeperScript]
        try await Tool.script(Self.bootScript, arguments + groups).run()
    }

    /// Has the host hold the limits that are in force for it. Its disks are there, to be bounded, once its keeper has mounted
    /// them.
    func limit() throws(LabError) {
        let disks = LoopDevices.names(below: identity.diskFolder(host.name) + "/")
        do {
            try group.limit(host.limitsInForce, devices: disks.compactMap(LoopDevices.number(of:)))
        } catch { throw error.about(host.name) }
    }

    private static let bootScript = """
        log=$1 keeper=$4
        export namespace="$2" root="$3"
        shift 4
        for group; do echo $$ > "$group/keeper/cgroup.procs"; done
        setsid --fork unshare --mount --propagation slave sh -c "$keeper" drover-host "$@" </dev/null >"$log" 2>&1
        """

    /// Mounts the host's disks and runs it until it ends otherwise than by a reboot, which systemd-nspawn tells by
    /// status 133.
    ///
    /// The keeper is in a group beside the host's: cgroup v2 wants no process in a group that has groups in it.
    /// nspawn keeps /tmp on the host's disk (a release may put its own there), and /proc/sys/net is its own to write, as on a
    /// server; its network namespace is its own to rule too (a firewall), which nspawn grants only where it made it. A host
    /// may run containers: runtimes make keyrings, and rules for devices, by calls that nspawn refuses by itself. The
    /// disks are mounted in the keeper's own namespace: no other host's holds on to them, and they go with the host,
    /// whoever ends it.
    private var keeperScript: String {
        """
        export SYSTEMD_NSPAWN_TMPFS_TMP=0 SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
        \(host.release.needsUnifiedControlGroups ? "export UNIFIED_CGROUP_HIERARCHY=1" : "")
        \(images.map { "\($0.mountLine) || exit" }.joined(separator: "\n"))
        status=133
        while [ "$status" = 133 ]; do
            (
                for group; do echo 0 > "$group/cgroup.procs" || exit 1; done
                exec systemd-nspawn --quiet --boot --register=no --keep-unit --console=pipe --link-journal=no \\
                    --resolv-conf=off --timezone=off --network-namespace-path="/run/netns/$namespace" \\
                    --capability=CAP_NET_ADMIN --system-call-filter="bpf keyctl add_key request_key" \\
                    --machine="$namespace" --directory="$root" \\
                    \((images.map(\.bindWord) + (host.hasFuse ? ["--bind=/dev/fuse"] : [])).joined(separator: " "))
            )
            status=$?
        done
        """
    }

    /// Waits until the host's SSH answers.
    /// - Throws: ``LabError`` `.noAnswer` when the host ends, or `patience` runs out.
    func awaitSSH(patience: Duration) async throws(LabError) {
        let deadline = ContinuousClock.now + patience
        while true {
            // Asked without a login, sshd of Debian 13 soon turns the asker away: not before the host lets anybody in.
            if admitsUsers, await answersSSH(), admitsUsers { return }
            let hasEnded = group.processes().isEmpty
            guard !hasEnded, ContinuousClock.now < deadline, !Task.isCancelled else {
                // A host that said nothing has no log to show.
                let log = (try? String(contentsOfFile: identity.logFile(host.name), encoding: .utf8)) ?? ""
                let last = log.split(separator: "\n").suffix(3).joined(separator: "; ")
                throw LabError(
                    .noAnswer, host: host.name,
                    (hasEnded ? "it ended while it booted" : "its SSH does not answer after \(patience)")
                        + (last.isEmpty ? "" : ": \(last)"),
                    hints: ["see \(identity.logFile(host.name))"])
            }
            await pause(.milliseconds(50))
        }
    }

    /// Whether users may log in: while a host boots, systemd keeps all but root out with this file.
    private var admitsUsers: Bool {
        guard let leader else { return false }
        return !FileManager.default.fileExists(atPath: "/proc/\(leader)/root/run/nologin")
    }

    /// Whether an SSH server says hello at the host's address.
    func answersSSH() async -> Bool {
        await TCPPort.banner(host.address.description, host.port)?.hasPrefix("SSH-") ?? false
    }

    /// Switches the host off as a power cut does: nobody hears from it again. Its root stays, and of its disks what it had
    /// synced.
    func powerOff() async throws(LabError) {
        // First the cable: processes that are killed would say goodbye to their peers.
        try await Tool("ip", "link", "delete", identity.link(host.address.last)).attempt()
        try await endProcesses()
        try await Self.unmount(root)
        try await LoopDevices.release(below: folder + "/")
        NspawnTraces.remove(machine: identity.namespace(host.address.last))
        try await Tool("ip", "netns", "delete", identity.namespace(host.address.last)).attempt()
    }

    private func endProcesses() async throws(LabError) {
        let disks = HeldDisks(images, seenBy: keeper.processes())
        defer { disks.close() }
        try await group.destroy()
        try disks.cutPower()
    }

    /// Takes every mount at `path` away.
    static func unmount(_ path: String) async throws(LabError) {
        let deadline = ContinuousClock.now + .seconds(10)
        while MountTable.current().contains(path) {
            NspawnTraces.remove(lockOf: path)
            if try await Tool("umount", path).attempt() != nil { continue }
            guard ContinuousClock.now < deadline else {
                throw LabError(
                    .stuck, "\(path) is in use and cannot be unmounted",
                    hints: ["see who uses it with: fuser -vm \(path)"])
            }
            await pause(.milliseconds(20))
        }
    }
}

/// Where things are mounted on this machine.
enum MountTable {
    /// Every mount point.
    static func current() -> [String] {
        SmallFile.read("/proc/self/mounts").split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ")
            return fields.count > 1 ? decoded(fields[1]) : nil
        }
    }

    /// A path in which blanks are written as three octal digits.
    static func decoded(_ field: Substring) -> String {
        String(field).replacing(/\\([0-7]{3})/) { match in
            UInt8(match.1, radix: 8).map { String(decoding: [$0], as: UTF8.self) } ?? String(match.0)
        }
    }
}
