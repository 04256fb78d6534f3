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
                """
        )
        .examples("drover trust all -i hosts.yml", "drover trust ap1 --stage production")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern =
            "all"
        @Flag(name: [.customShort("y"), .long], help: "Add the keys without asking.") var yes = false
        @Flag(help: "Replace the keys of hosts that show others than known_hosts has.") var replace = false
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let chosen = try Composition.choose(pattern, of: source, connection, seams)
            let access = chosen.access
            let routes = try chosen.hosts.map { try access.route(to: $0) }.filter { $0.connection == .ssh }
            let (endpoints, failures) = await resolved(routes, access.connections)
            seams.terminal.show(failures: failures)
            var hasFailed = !failures.isEmpty
            let adoption = HostKeyAdoption(replacing: replace)
            for round in HostKeyAdoption.rounds(endpoints) {
                let scans = await HostKeyScanner(settings: Composition.sshSettings(connection)).scan(round)
                let refusals = adoption.refusals(scans)
                show(scans, seams.terminal)
                seams.terminal.show(failures: refusals)
                hasFailed = hasFailed || !refusals.isEmpty
                let fresh = adoption.fresh(scans)
                guard !fresh.isEmpty else { continue }
                guard try isAgreed(seams.terminal, chosen) else { return .failed }
                for (path, count) in try adoption.write(fresh) {
                    seams.terminal.say("added \(count.of("key")) to \(path)")
                }
            }
            return hasFailed ? .failed : .done
        }

        private func resolved(
            _ routes: [Route], _ connections: Connections
        ) async -> (endpoints: [Endpoint], failures: [(host: HostName, error: TransportError)]) {
            var endpoints: [Endpoint] = []
            var failures: [(host: HostName, error: TransportError)] = []
            for route in routes {
                do throws(TransportError) {
                    endpoints.append(try await connections.endpoint(for: route))
                } catch {
                    failures.append((route.host, error))
                }
            }
            return (endpoints, failures)
        }

        private func show(_ scans: [HostKeyScanner.Scan], _ terminal: Terminal) {
            var table = Table("HOST", "ADDRESS", "KEY", "FINGERPRINT", "KNOWN")
            for scan in scans {
                for key in scan.keys {
                    let state = scan.known.contains(key) ? "yes" : scan.conflict == nil ? "no" : "changed"
                    table.add(scan.endpoint.host.description, scan.name, key.algorithm.name, key.fingerprint, state)
                }
            }
            terminal.write(table)
        }

        private func isAgreed(_ terminal: Terminal, _ chosen: ChosenHosts) throws -> Bool {
            if yes { return true }
            guard terminal.isInteractive, isatty(STDIN_FILENO) == 1 else {
                throw InputError(
                    "nobody is here to compare the fingerprints",
                    hints: [
                        HintCommand.naming(
                            chosen.access.connections.origin,
                            in: "check them, then add the keys with: drover trust \(chosen.pattern) --yes")
                    ])
            }
            terminal.tell("add these keys? Type 'yes':")
            let isAgreed = readLine() == "yes"
            if !isAgreed { terminal.tell("nothing was added: that takes the whole word 'yes'") }
            return isAgreed
        }
    }
}
