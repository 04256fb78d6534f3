import ArgumentParser
import Lab

/// `drover lab down`: takes the lab away without trace.
struct LabDown: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "down", abstract: "End the lab's hosts and remove their disks, network and keys.",
        discussion: "The inventory is not read, only its name; so a lab goes even when its inventory has gone."
    )
    .examples("drover lab down -i inventory/staging.yml")

    @OptionGroup var lab: LabOptions
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let control = try lab.control(seams)
        // A record that can't be read is no reason to leave the lab where it is.
        let isEmpty = (try? control.recordedHosts().isEmpty) ?? false
        try await control.down()
        if isEmpty { seams.terminal.say("this lab had no host") }
        return .done
    }
}
