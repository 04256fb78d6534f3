import ArgumentParser
import Lab

/// `drover lab off`: a power cut.
struct LabOff: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "off", abstract: "Cut the power of hosts: they fall silent at once. Their disks stay.",
        discussion: "What a host had not synced to a lab_disk is lost, as on a server."
    )
    .examples("drover lab off -i hosts.yml ap1")

    @OptionGroup var lab: LabOptions
    @OptionGroup var chosen: LabHostArguments
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let names = try chosen.names()
        try await lab.control(seams).powerOff(names)
        for name in names { seams.terminal.say("\(name): off") }
        return .done
    }
}
