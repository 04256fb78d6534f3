import ArgumentParser
import Fleet
import Lab

/// `drover lab status`: which hosts the lab has, and whether they answer.
struct LabStatus: ListingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the lab's hosts and whether their SSH answers."
    )
    .examples("drover lab status -i hosts.yml")

    @OptionGroup var lab: LabOptions
    @OptionGroup var format: ListFormatOptions
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let control = try lab.control(seams)
        let hosts = try await control.status()
        if hosts.isEmpty { seams.terminal.say("lab '\(control.identity.name)' is not up") }
        var table = Table("HOST", "ADDRESS", "USER", "DEBIAN", "STATE", "PID", "LIMITS")
        table.spare = ["PID", "USER"]
        for status in hosts {
            table.add(
                status.host.name.description, status.host.address.description, status.host.user,
                status.host.release.rawValue,
                status.state.rawValue, status.leader.map(String.init) ?? "-",
                status.limits.isEmpty ? "-" : status.limits.text)
        }
        try seams.terminal.show(table, or: hosts, as: format.format)
        return .done
    }
}
