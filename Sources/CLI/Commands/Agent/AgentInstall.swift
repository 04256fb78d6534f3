import AdHoc
import ArgumentParser
import Crypto
import Fleet
import Foundation
import Inventories
import Rollouts
import Values

extension Drover.AgentCommand {
    /// `drover agent install [PATTERN]`
    struct Install: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring the agent to hosts, or a newer one, and start it.",
            discussion: """
                It runs as a user of its own with no rights, keeps a week of what the host did in a bounded file, and answers \
                Prometheus (9101) and HAProxy's agent-check (9102): on the host alone or, of a stage's hosts with an address in \
                figures, for the stage's balancers too. A host that has settings keeps them, unless --config says otherwise. \
                What is there already is left as it is. It takes root's rights there, as rollouts do.
                """
        )
        .examples(
            "drover agent install production", "drover agent install ap -i hosts.yml",
            "drover agent install production --serial 20%")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern =
            "all"
        @Option(
            help: ArgumentHelp(
                "The agent's program (default: beside this one, in ../lib/drover, or .build/agent).", valueName: "file"),
            completion: .file())
        var binary: String?
        @Option(
            help: ArgumentHelp("Its settings, for every host, in place of those that are there.", valueName: "file"),
            completion: .file())
        var config: String?
        @OptionGroup var pace: PaceOptions
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let program = try AgentBinary(
                binary, program: AgentBinary.thisProgram, workingFolder: seams.workingFolder)
            let settings = try config.map { path throws(InputError) in try Self.text(of: path) }
            let chosen = try Composition.choose(pattern, of: source, connection, become: become, seams)
            let (access, hosts) = (chosen.access, chosen.hosts)
            let installation = AgentInstallation(
                binary: program, sum: try Self.sum(of: program.path),
                configurations: try configurations(chosen, settings, seams), replaces: settings != nil,
                privileges: AgentInstallation.rights(try access.privileges(on: hosts)))
            let work: FanOut.Work<AgentInstallation.Outcome> = { transport, _ throws(TransportError) in
                try await installation.install(over: transport)
            }
            let pace = pace.pace(forks: connection.forks)
            let answers = try await access.fanOut(over: hosts, at: pace, seams.terminal) { await $0.answers(work) }
            return try AgentReport(seams.terminal, format).show(
                answers.map(AgentAnswer.init), failures: answers.compactMap(\.failure))
        }

        /// Settings by host: of a stage's hosts, its balancers may ask.
        private func configurations(
            _ chosen: ChosenHosts, _ settings: String?, _ seams: Seams
        ) throws -> [HostName: String] {
            if let settings { return Dictionary(chosen.hosts.map { ($0, settings) }) { first, _ in first } }
            guard chosen.stage != nil else { return [:] }
            let file = try source.service.read(seams)
            let groups = [file.pool.balancers] + file.tiers.compactMap { $0.pool?.balancers }
            let balancers = try Set(groups.flatMap(chosen.access.inventory.members)).compactMap { host in
                try address(of: host, chosen.access)
            }
            return try chosen.hosts.reduce(into: [:]) { all, host in
                all[host] = AgentUnit.configuration(
                    address: try address(of: host, chosen.access), balancers: balancers.sorted())
            }
        }

        private func address(of host: HostName, _ access: HostAccess) throws -> String? {
            let name = try access.route(to: host).name
            var (four, six) = (in_addr(), in6_addr())
            let isFigures = inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
            return isFigures && !name.hasPrefix("127.") ? name : nil
        }

        private static func text(of path: String) throws(InputError) -> String {
            do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
                throw InputError(
                    .unreadable, "cannot read \(path)", hints: ["the agent's settings are lines of key = value"])
            }
        }

        private static func sum(of path: String) throws(InputError) -> String {
            do {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                return Hex.text(SHA256.hash(data: bytes))
            } catch {
                throw InputError(.unreadable, "the agent's program cannot be read: \(path)")
            }
        }
    }
}
