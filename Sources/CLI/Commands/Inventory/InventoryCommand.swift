import ArgumentParser
import Fleet
import Inventories
import OrderedCollections
import Rollouts
import Values

extension Drover {
    /// `drover inventory`: what the inventory says, as `ansible-inventory` shows it.
    struct InventoryCommand: ListingCommand {
        static let configuration = CommandConfiguration(
            commandName: "inventory", abstract: "Show the hosts, groups and variables of an inventory.",
            discussion: "Flags and JSON are ansible-inventory's. Without a flag, a table of the hosts."
        )
        .examples("drover inventory -i hosts.yml --list", "drover inventory -i hosts.yml --graph")

        @Flag(help: "All groups, hosts and variables as JSON.") var list = false
        @Flag(help: "The tree of groups and hosts.") var graph = false
        @Flag(help: "With --list: variables of groups at their groups, not at each host.") var export = false
        @Flag(help: "With --graph: the variables of each group and host.") var vars = false
        @Option(help: "One host's variables as JSON.", completion: .hosts) var host: String?
        @Option(help: "The hosts that match this pattern, a name a line.", completion: .hosts) var hosts: String?
        @Argument(help: "The group that --graph begins with.", completion: .hosts) var group: String?
        @Flag(help: "Only warn about a misspelt --hosts or --limit, as Ansible does.")
        var lenient = false
        @Option(
            help: "A folder whose group_vars and host_vars count as well (default: the working folder).",
            completion: .directory)
        var playbookDir: String?
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup var vault: VaultOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            let actions = [list, graph, host != nil, hosts != nil].filter { $0 }.count
            if actions > 1 { throw ValidationError("only one of --list, --graph, --host and --hosts can be given") }
            if vars, !graph { throw ValidationError("--vars goes with --graph") }
            if export, !list { throw ValidationError("--export goes with --list") }
            if source.stage != nil, playbookDir != nil {
                throw ValidationError("--playbook-dir and --stage exclude each other: a stage names its playbooks")
            }
            if group != nil, !graph { throw ValidationError("a group's name goes with --graph") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            var command = self
            if playbookDir == nil { try command.takeStage(seams) }
            let known = try command.load(seams)
            seams.terminal.warn(all: known.warnings)
            try command.show(known, seams)
            return .done
        }

        /// Takes a stage out of the pattern, or the name, that was given.
        private mutating func takeStage(_ seams: Seams) throws {
            let (options, pattern) = try source.staged(hosts ?? host ?? group ?? "all", seams)
            source = options
            if hosts != nil {
                hosts = pattern
            } else if host != nil {
                host = pattern
            } else if group != nil {
                group = pattern
            }
        }

        private func load(_ seams: Seams) throws -> Inventory {
            if let stage = source.stage {
                let file = try source.service.read(seams)
                let vault = try seams.passwords.vault(vault, masksNamed: false)
                return try StageInventory(file, try file.stage(stage), seams).load(vault)
            }
            return try Inventory.load(
                sources: source.inventory.resolved(seams), playbookFolders: [playbookDir ?? seams.workingFolder],
                vault: seams.passwords.vault(vault, masksNamed: false))
        }

        private func show(_ known: Inventory, _ seams: Seams) throws {
            let terminal = seams.terminal
            if graph {
                for line in try known.graphLines(from: group ?? "all", variables: vars) { terminal.write(line) }
                return
            }
            if let host { return terminal.write(json: known.listing(of: try only(host, in: known))) }
            let chosen = try select(hosts ?? "all", in: known, terminal)
            if hosts != nil { return show(chosen, terminal) }
            if list || format.format == .json {
                let shown = source.limit == nil ? nil : Set(chosen)
                return terminal.write(json: known.listing(only: shown, exported: export))
            }
            let table = try table(chosen, known)
            terminal.write(table)
        }

        private func select(_ pattern: String, in known: Inventory, _ terminal: Terminal) throws -> [HostName] {
            if hosts == nil, source.limit == nil { return known.hosts }
            let selection = try known.selectHosts(matching: pattern, limit: source.limit)
            if !lenient, let refusal = selection.refusal(isLimited: source.limit != nil) { throw refusal }
            for fault in selection.faults {
                terminal.warn(([fault.message] + fault.hints).joined(separator: "; "))
            }
            return selection.hosts
        }

        private func only(_ host: String, in known: Inventory) throws -> HostName {
            let chosen = try known.hosts(matching: host)
            guard chosen.count == 1, let only = chosen.first else {
                throw InputError(
                    "--host takes one host, but '\(host)' names \(chosen.count)",
                    hints: ["list them with --hosts '\(host)'"])
            }
            return only
        }

        private func show(_ chosen: [HostName], _ terminal: Terminal) {
            switch format.format {
            case .json: terminal.write(json: Value.list(chosen.map { .string($0.description) }).json(.listing))
            case .table: for host in chosen { terminal.write(host.description) }
            }
        }

        private func table(_ chosen: [HostName], _ known: Inventory) throws -> Table {
            var table = Table("HOST", "ADDRESS", "GROUPS")
            for host in chosen {
                let address = known.variables(of: host)["ansible_host"]?.text ?? host.description
                table.add(host.description, address, known.groupNames(of: host).joined(separator: " "))
            }
            return table
        }
    }
}
