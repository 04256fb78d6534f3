import ArgumentParser
import Fleet
import Lab

/// `drover lab off`: a power cut.
struct LabOff: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "Cut the power of hosts: they fall silent at once. Their disks stay.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let names = try chosen.names()
        try await lab.control(seams).powerOff(names)
        for name in names { seams.terminal.say("\(name): off") }
        return .done
    }
}

/// `drover lab on`: switches hosts on again.
struct LabOn: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Boot hosts that were switched off, and wait for their SSH.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments

    func execute(_ seams: Seams) async throws -> ExitStatus {
        try await lab.control(seams).powerOn(chosen.names())
        return .done
    }
}

/// `drover lab reset`: hosts as they were when new.
struct LabReset: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Give hosts a fresh disk and boot them. Their SSH keys stay.")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments

    func execute(_ seams: Seams) async throws -> ExitStatus {
        try await lab.control(seams).reset(chosen.names())
        return .done
    }
}

/// Hosts of a lab, by name.
struct LabHostArguments: ParsableArguments {
    @Argument(help: "Hosts of the lab.") var hosts: [String]

    func names() throws -> [HostName] { try hosts.map { try HostName($0) } }
}
