import Fleet
import Foundation
import TestSupport

/// Two bare hosts, one of each Debian that a lab boots: `old` has 12, `new` has 13.
struct ReleaseLab: Sendable {
    static let hosts = ["old", "new"]
    static let inventory = "hosts.yml"

    let folder: URL
    let drover: DroverProgram

    /// Boots both, runs `body` and takes them away.
    static func run(_ body: (ReleaseLab) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let lab = ReleaseLab(
                folder: folder,
                drover: DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"]))
            try lab.write(inventory, try await inventoryText())
            let outcome = await Result {
                try await lab.drover("lab", "up", "-i", inventory).succeeded()
                try await body(lab)
            }
            try await lab.drover("lab", "down", "-i", inventory).succeeded()
            try outcome.get()
        }
    }

    private static func inventoryText() async throws -> String {
        let network = try await ServiceLab.freeNetwork() + ".9"
        return """
            all:
              vars:
                lab_folder: "{{ inventory_dir }}/.drover/labs/hosts"
                ansible_user: drover
                ansible_ssh_private_key_file: "{{ lab_folder }}/id_ed25519"
                ansible_ssh_common_args: "-o UserKnownHostsFile={{ lab_folder }}/known_hosts"
              hosts:
                old: {ansible_host: \(network).12, lab_release: bookworm}
                new: {ansible_host: \(network).13, lab_release: 13}

            """
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    /// Runs a script of the shell as root on a host, past its sshd.
    func on(_ host: String, _ script: String) async throws -> Transcript {
        try await drover("lab", "exec", "-i", Self.inventory, host, "--", "sh", "-euc", script)
    }

    /// Runs a script of this machine's shell; `$1` is the root of `host`, `$2` and on are `words`.
    func beside(_ host: String, _ script: String, _ words: String...) async throws {
        let root = folder.appendingPathComponent(".drover/labs/hosts/hosts/\(host)/root").path
        try await DroverProgram.run(["sh", "-euc", script, "sh", root] + words).succeeded()
    }

    /// Lets root of one host log in to the other by a key of a kind of its own, and gives it an inventory for that in
    /// `/root/KIND`.
    func introduce(_ host: String, to other: String, key kind: String) async throws {
        let make =
            "mkdir -p /root/\(kind); ssh-keygen -q -t \(kind) -N '' -f /root/\(kind)/key; cat /root/\(kind)/key.pub"
        let key = try await on(host, make).succeeded().output.trimmingCharacters(in: .newlines)
        try await on(other, "echo '\(key)' >>/root/.ssh/authorized_keys").succeeded()
        let write = """
            printf '%s\\n' "\(other) ansible_host=$(getent hosts \(other) | cut -d' ' -f1) ansible_user=root" '[all:vars]' \\
              ansible_ssh_private_key_file=/root/\(kind)/key \\
              'ansible_ssh_common_args=-o UserKnownHostsFile=/root/\(kind)/known_hosts' >/root/\(kind)/hosts.ini
            """
        try await on(host, write).succeeded()
        try await beside(host, #"cp "$2" "$1/root/$3/""#, folder.path + "/.drover/labs/hosts/known_hosts", kind)
    }
}
