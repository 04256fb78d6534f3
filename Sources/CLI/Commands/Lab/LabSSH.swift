import ArgumentParser
import Fleet
import Lab

/// `drover lab ssh`: becomes the installed OpenSSH client, with the lab's key and host keys.
struct LabSSH: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "ssh", abstract: "Log into a host of the lab, or run a command there, with the installed ssh."
    )
    .examples("drover lab ssh -i hosts.yml ap1")

    @OptionGroup var lab: LabOptions
    @Argument(help: "The host.", completion: .hosts) var host: String
    @Argument(parsing: .postTerminator, help: "Arguments for ssh after the host's address, such as a command.")
    var command: [String] = []
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let words = try lab.control(seams).sshWords(HostName(host))
        try ProcessReplacement.become(words + command)
    }
}
