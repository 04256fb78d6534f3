import ArgumentParser
import Fleet
import Lab

/// `drover lab exec`: runs a command as root inside hosts, without their SSH.
struct LabExec: FleetCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec", abstract: "Run a command as root inside a host of the lab, or all, without SSH.",
        discussion:
            "As with drover run, one word after -- is a line for the shell; several are a program and its arguments."
    )
    .examples("drover lab exec -i hosts.yml ap1 -- systemctl status")

    @OptionGroup var lab: LabOptions
    @Argument(help: "The host, or 'all'.", completion: .hosts) var host: String
    @Argument(parsing: .postTerminator, help: "The command, after '--'.") var command: [String]
    @OptionGroup(title: "Messages") var talk: TalkOptions

    func validate() throws {
        if command.isEmpty { throw ValidationError("no command given; write it after '--'") }
    }

    func execute(_ seams: Seams) async throws -> ExitStatus {
        let control = try lab.control(seams)
        guard host == "all" else { try ProcessReplacement.become(control.execWords(HostName(host), words)) }
        var status = ExitStatus.done
        for host in try await control.status() {
            seams.terminal.say("== \(host.host.name)")
            if try await !run(on: host.host.name, control, seams.terminal) { status = .failed }
        }
        return status
    }

    private var words: [String] { command.count == 1 ? ["/bin/sh", "-c"] + command : command }

    private func run(on name: HostName, _ control: LabControl, _ terminal: Terminal) async throws -> Bool {
        let result: CommandResult
        do {
            result = try await control.run(words, on: name)
        } catch {
            terminal.show(error)
            return false
        }
        if !result.output.isEmpty { terminal.relay(result.output, .output) }
        if !result.errors.isEmpty { terminal.relay(result.errors, .errors) }
        if !result.succeeded { terminal.tell("\(name): status \(result.status)") }
        return result.succeeded
    }
}
