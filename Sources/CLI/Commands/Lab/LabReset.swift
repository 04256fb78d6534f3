import ArgumentParser
import Lab

/// `drover lab reset`: hosts as they were when new.
struct LabReset: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Give hosts fresh disks and boot them. Their SSH keys stay."
    )
    .examples("drover lab reset -i hosts.yml ap1")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        try await lab.control(seams).reset(chosen.names())
        return .done
    }
}
