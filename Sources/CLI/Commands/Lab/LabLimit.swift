import ArgumentParser
import Fleet
import Lab

/// `drover lab limit`: what hosts may take of this machine, changed while they run.
struct LabLimit: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit", abstract: "Change what hosts may take of this machine, while they run and for good.",
        discussion: """
            What is not named stays as it is; 'none' lifts a limit. A change outlives lab off and on, reboots and lab up, \
            until the inventory says something else of the host's limits than it said then, or --inventory.
            """
    )
    .examples(
        "drover lab limit -i hosts.yml ap1 --cpus 0.2 --memory 256M",
        "drover lab limit -i hosts.yml db1 --io read_iops=200 write_bps=10M",
        "drover lab limit -i hosts.yml db1 --cpus none --io none")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments
    @Option(help: ArgumentHelp("Processors: 0.2 is a fifth of one.", valueName: "number|none")) var cpus: String?
    @Option(help: ArgumentHelp("Memory with the page cache: 256M.", valueName: "size|none")) var memory: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Bounds for each of the host's own disks: read_iops, write_iops, read_bps, write_bps; after the hosts.",
            valueName: "bound=number|none"))
    var io: [String] = []
    @Flag(name: .customLong("inventory-limits"), help: "First go back to the limits that the inventory gives.")
    var followsInventory = false
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func validate() throws {
        if cpus == nil, memory == nil, io.isEmpty, !followsInventory {
            throw ValidationError("nothing to change; give --cpus, --memory, --io or --inventory-limits")
        }
    }

    func execute(_ seams: Seams) async throws -> ExitStatus {
        for host in try await lab.control(seams).limit(chosen.names(), by: change()) {
            let limits = host.limitsInForce
            seams.terminal.say("\(host.name): \(limits.isEmpty ? "no limits" : limits.text)")
        }
        return .done
    }

    private func change() throws(InputError) -> LabLimitChange {
        var change = LabLimitChange()
        change.followsInventory = followsInventory
        change.cpus = try setting(cpus, "--cpus", CPUAllowance.example, CPUAllowance.init)
        change.memory = try setting(memory, "--memory", DiskSize.example, DiskSize.init)
        for word in io {
            guard word != LabLimitChange.none else {
                change.liftsIO = true
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw InputError(
                    "'\(word)' after --io is no bound", hints: ["write --io read_iops=200, and hosts before it"])
            }
            change.io.append((try DiskBounds.bound(parts[0], of: "--io"), parts[1]))
        }
        return change
    }

    private func setting<Limit: Sendable & Equatable>(
        _ text: String?, _ option: String, _ example: String, _ read: (String) -> Limit?
    ) throws(InputError) -> LabLimitChange.Setting<Limit> {
        guard let text else { return .stays }
        guard text != LabLimitChange.none else { return .lifted }
        guard let limit = read(text) else { throw InputError("\(option) is '\(text)'", hints: [example]) }
        return .limited(limit)
    }
}
