import Fleet
import Foundation

/// Writes into a host's root from outside.
struct HostDisk: Sendable {
    /// The host's root as this machine sees it.
    let root: String

    /// What `path` holds; nothing when it is missing, or a link that would lead out of the host.
    func read(_ path: String) -> String {
        SmallFile.read(root + path, followingLinks: false)
    }

    /// Makes `path` hold `text`, replacing it as a whole, and only where it differs.
    ///
    /// The new file is renamed over the old, so a link that stands there is replaced and not followed.
    func write(_ text: String, to path: String, mode: mode_t = 0o644, owner: Accounts.Account? = nil) throws(LabError) {
        guard read(path) != text else { return }
        let new = root + path + ".drover-new"
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: new))
        } catch { throw .fileFailed(new, error) }
        try check(chmod(new, mode), new)
        try check(chown(new, owner?.user ?? 0, owner?.group ?? 0), new)
        try check(rename(new, root + path), new)
    }

    /// Makes the folder `path` unless it is there.
    func makeFolder(_ path: String, mode: mode_t, owner: Accounts.Account? = nil) throws(LabError) {
        guard mkdir(root + path, mode) == 0 else {
            if errno == EEXIST { return }
            throw LabError(.stuck, "could not make \(root + path): \(String(cString: strerror(errno)))")
        }
        try check(chmod(root + path, mode), path)
        try check(chown(root + path, owner?.user ?? 0, owner?.group ?? 0), path)
    }

    private func check(_ status: Int32, _ path: String) throws(LabError) {
        guard status == 0 else {
            throw LabError(.stuck, "could not write \(path): \(String(cString: strerror(errno)))")
        }
    }
}

extension HostFiles {
    /// Puts everything onto the host's disk that makes it this host. Safe to repeat, also while the host runs.
    func write(to disk: HostDisk, hostKey: KeyPair) throws(LabError) {
        try disk.write(hostname + "\n", to: "/etc/hostname")
        try disk.write(hostTable(disk.read("/etc/hosts")), to: "/etc/hosts")
        try disk.write(resolver, to: "/etc/resolv.conf")
        try disk.write(aptProxy, to: "/etc/apt/apt.conf.d/80drover-lab")
        if host.release.needsUnifiedControlGroups, !ControlGroup.isUnified {
            for folder in ["/etc/containers", "/etc/containers/containers.conf.d"] {
                try disk.makeFolder(folder, mode: 0o755)
            }
            try disk.write(Self.containerSettings, to: "/etc/containers/containers.conf.d/drover-lab.conf")
        }
        if disk.read("/etc/machine-id").isEmpty { try disk.write(machineID + "\n", to: "/etc/machine-id", mode: 0o444) }
        try disk.write(hostKey.secret.reveal(), to: "/etc/ssh/ssh_host_ed25519_key", mode: 0o600)
        try disk.write(hostKey.shown, to: "/etc/ssh/ssh_host_ed25519_key.pub")
        try disk.write(sshSettings, to: "/etc/ssh/sshd_config.d/drover-lab.conf")
        try writeUser("root", to: disk)
        if host.user != "root" {
            try disk.write(sudoers, to: "/etc/sudoers.d/drover-lab-\(host.user)", mode: 0o440)
            try writeUser(host.user, to: disk)
        }
    }

    private func writeUser(_ user: String, to disk: HostDisk) throws(LabError) {
        let old = Accounts(
            passwd: disk.read("/etc/passwd"), shadow: disk.read("/etc/shadow"), group: disk.read("/etc/group"))
        var new = old
        new.add(user)
        if new != old {
            try disk.write(new.group, to: "/etc/group")
            try disk.write(new.shadow, to: "/etc/shadow", mode: 0o640, owner: .init(user: 0, group: 42, home: "/"))
            try disk.write(new.passwd, to: "/etc/passwd")
        }
        guard let account = new.account(of: user) else { return }
        try disk.makeFolder(account.home, mode: 0o755, owner: account)
        try disk.makeFolder("\(account.home)/.ssh", mode: 0o700, owner: account)
        let file = "\(account.home)/.ssh/authorized_keys"
        let keys = disk.read(file)
        if !keys.contains(publicKey) { try disk.write(keys + publicKey + "\n", to: file, mode: 0o600, owner: account) }
    }
}

/// What a host's disk is to hold.
struct HostSeed: Sendable {
    var files: HostFiles
    var key: KeyPair
}
