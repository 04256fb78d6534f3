import ArgumentParser
import Lab

/// `drover lab on`: switches hosts on again.
struct LabOn: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "on", abstract: "Boot hosts that were switched off, and wait for their SSH."
    )
    .examples("drover lab on -i hosts.yml ap1")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        try await lab.control(seams).powerOn(chosen.names())
        return .done
    }
}
