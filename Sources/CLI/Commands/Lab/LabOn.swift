import ArgumentParser
import Lab

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
