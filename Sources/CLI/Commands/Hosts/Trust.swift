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
                before saying yes. Jump hosts come first, since the others are seen through them. A host whose key has \
                changed is refused, unless --replace says that it was rebuilt.
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern = "all"
        @Flag(name: [.customShort("y"), .long], help: "Add the keys without asking.") var yes = false
        @Flag(help: "Replace the keys of hosts that show others than known_hosts has.") var replace = false
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let access = try Composition.hosts(inventory, connection, seams)
            let endpoints = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
                .map { try access.endpoint(of: $0) }.filter { $0.connection == .ssh }
            let (complete, failures) = await completed(endpoints, seams.userSettings)
            seams.terminal.show(failures: failures)
            var hasFailed = !failures.isEmpty
            for round in Self.rounds(complete) {
                let scanner = HostKeyScanner(settings: Composition.sshSettings(connection))
                let scans = await scanner.scan(round)
                show(scans, seams.terminal)
                let fresh = scans.filter(isToBeWritten)
                if !fresh.isEmpty {
                    guard try isAgreed(seams.terminal) else { return .failed }
                    try write(fresh, seams.terminal)
                }
                hasFailed = hasFailed || scans.contains { ($0.conflict != nil && !isReplaced($0)) || $0.fault != nil }
            }
            return hasFailed ? .failed : .done
        }

        private func completed(
            _ endpoints: [Endpoint], _ settings: UserSettings
        ) async -> (endpoints: [Endpoint], failures: [(host: HostName, error: TransportError)]) {
            var complete: [Endpoint] = []
            var failures: [(host: HostName, error: TransportError)] = []
            for endpoint in endpoints {
                do throws(TransportError) {
                    complete.append(try await settings.completed(endpoint))
                } catch {
                    failures.append((endpoint.host, error))
                }
            }
            return (complete, failures)
        }

        /// The hosts and those on the way to them, the ones reached directly first.
        private static func rounds(_ endpoints: [Endpoint]) -> [[Endpoint]] {
            var rounds: [[Endpoint]] = []
            var seen: Set<[String]> = []
            let hops = endpoints.flatMap { endpoint in
                endpoint.jumps.indices.map { index in
                    var hop = endpoint.jumps[index]
                    hop.jumps = Array(endpoint.jumps[..<index])
                    return hop
                }
            }
            for endpoint in endpoints + hops {
                let name = [endpoint.host.description, endpoint.address, String(endpoint.port)]
                guard seen.insert(name).inserted else { continue }
                while rounds.count <= endpoint.jumps.count { rounds.append([]) }
                rounds[endpoint.jumps.count].append(endpoint)
            }
            return rounds.filter { !$0.isEmpty }
        }

        private func isReplaced(_ scan: HostKeyScanner.Scan) -> Bool { replace && !scan.rivals.isEmpty }

        private func isToBeWritten(_ scan: HostKeyScanner.Scan) -> Bool {
            let isNew = scan.conflict == nil && scan.keys.count > scan.known.count
            return (isNew || isReplaced(scan)) && scan.endpoint.pinnedHostKeys.isEmpty
        }

        private func show(_ scans: [HostKeyScanner.Scan], _ terminal: Terminal) {
            var table = Table("HOST", "ADDRESS", "KEY", "FINGERPRINT", "KNOWN")
            for scan in scans {
                for key in scan.keys {
                    let state = scan.known.contains(key) ? "yes" : scan.conflict == nil ? "no" : "changed"
                    table.add(scan.endpoint.host.description, scan.name, key.algorithm.name, key.fingerprint, state)
                }
            }
            if !table.rows.isEmpty { terminal.write(table.text()) }
            terminal.show(
                failures: scans.filter { !isReplaced($0) }.compactMap { scan in
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

        /// Writes each file once.
        private func write(_ scans: [HostKeyScanner.Scan], _ terminal: Terminal) throws {
            let files = Dictionary(grouping: scans) { scan in
                scan.rivals.first?.file ?? KnownHostsFile(for: scan.endpoint).path
            }
            for (path, scans) in files.sorted(by: { $0.key < $1.key }) {
                let keys = scans.flatMap { scan in
                    scan.keys.filter { !scan.known.contains($0) }.map { (name: scan.name, key: $0) }
                }
                let file = KnownHostsFile(path: path)
                let count = replace ? try file.replace(keys) : try file.add(keys)
                terminal.say("added \(count) \(count == 1 ? "key" : "keys") to \(path)")
            }
        }
    }
}
