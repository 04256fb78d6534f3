import ArgumentParser
import Fleet
import Foundation
import Inventories
import SSH

extension Drover {
    /// `drover trust [PATTERN]`: host keys into known_hosts.
    struct Trust: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show hosts' SSH keys, and add them to known_hosts.",
            discussion: """
                Compare the fingerprints with what the hosts' consoles show (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) \
                before saying yes. A host whose key has changed is refused; its old key has to be removed by hand.
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern = "all"
        @Flag(name: [.customShort("y"), .long], help: "Add the keys without asking.") var yes = false
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let access = try Composition.hosts(inventory, connection, seams)
            let endpoints = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
                .map { try access.endpoint(of: $0) }.filter { $0.connection == .ssh }
            let settings = SSHSettings(handshakesAtOnce: connection.forks ?? 30)
            let scans = await HostKeyScanner(settings: settings).scan(endpoints)
            let fresh = scans.filter { $0.conflict == nil && $0.keys.count > $0.known.count }
            show(scans, seams.terminal)
            if !fresh.isEmpty {
                guard try isAgreed(seams.terminal) else { return .failed }
                try add(fresh, seams.terminal)
            }
            return scans.contains { $0.conflict != nil || $0.fault != nil } ? .failed : .done
        }

        private func show(_ scans: [HostKeyScanner.Scan], _ terminal: Terminal) {
            var table = Table("HOST", "ADDRESS", "KEY", "FINGERPRINT", "KNOWN")
            for scan in scans {
                for key in scan.keys {
                    let state = scan.known.contains(key) ? "yes" : scan.conflict == nil ? "no" : "changed"
                    table.add(scan.endpoint.host.description, scan.name, key.algorithm.name, key.fingerprint, state)
                }
            }
            let text = table.text()
            if !text.isEmpty { terminal.write(text) }
            terminal.show(
                failures: scans.compactMap { scan in
                    (scan.conflict ?? scan.fault).map { (scan.endpoint.host, $0) }
                })
        }

        private func isAgreed(_ terminal: Terminal) throws -> Bool {
            if yes { return true }
            guard terminal.isInteractive, isatty(STDIN_FILENO) == 1 else {
                throw InputError(
                    "nobody is here to compare the fingerprints",
                    hints: ["check them, then add the keys with: drover trust --yes"])
            }
            terminal.say("add these keys? Type 'yes':")
            return readLine() == "yes"
        }

        private func add(_ scans: [HostKeyScanner.Scan], _ terminal: Terminal) throws {
            let files = Dictionary(grouping: scans) { KnownHostsFile(for: $0.endpoint).path }
            for (path, scans) in files.sorted(by: { $0.key < $1.key }) {
                let keys = scans.flatMap { scan in
                    scan.keys.filter { !scan.known.contains($0) }.map { (name: scan.name, key: $0) }
                }
                let count = try KnownHostsFile(path: path).add(keys)
                terminal.say("added \(count) \(count == 1 ? "key" : "keys") to \(path)")
            }
        }
    }
}
