import ArgumentParser
import Fleet
import Lab

extension Drover {
    /// `drover lab`: real hosts on this machine.
    struct LabCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lab", abstract: "Boot a real Debian host on this machine for each inventory entry.",
            discussion: """
                The hosts have the inventory's names and addresses, systemd and sshd, and a way out for packages. \
                They live on a bridge of their own until 'drover lab down'. Needs root and Linux.
                """,
            subcommands: [
                LabUp.self, LabDown.self, LabStatus.self, LabSSH.self, LabExec.self, LabOff.self, LabOn.self,
                LabReset.self,
            ])
    }
}

/// Which lab a command is about.
struct LabOptions: ParsableArguments {
    @OptionGroup var inventory: InventoryOptions
    @OptionGroup var vault: VaultOptions

    @Option(help: "The lab's name (default: the inventory's file name without extension).")
    var name: String?

    /// The lab's name and place.
    func identity(_ seams: Seams) throws -> LabIdentity {
        try LabIdentity(name: try name ?? stem(of: inventory.resolved(seams)), stateFolder: seams.stateFolder)
    }

    private func stem(of sources: [String]) -> String {
        let last = sources[0].split(separator: "/").last.map(String.init) ?? sources[0]
        return last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
    }
}

extension LabOptions {
    /// The lab, telling on `seams.terminal` what happens.
    func control(_ seams: Seams) throws -> LabControl {
        LabControl(try identity(seams)) { seams.terminal.say($0.sentence) }
    }
}

extension LabEvent {
    /// The event for people.
    var sentence: String {
        switch self {
        case .waiting: "waiting for another drover to finish with the lab"
        case .buildingImage: "building the base image, once for all labs: about half a minute"
        case .imageBuilt(let time): "built the base image in \(LabTime.text(time))"
        case .booting(let host): "\(host): booting"
        case .ready(let boot) where boot.wasUp: "\(boot.host.name): was up at \(boot.host.address)"
        case .ready(let boot):
            "\(boot.host.name): SSH answers at \(boot.host.address) after \(LabTime.text(boot.elapsed))"
        case .removed(let host): "\(host): gone"
        }
    }
}

/// Times as this group of commands shows them.
enum LabTime {
    /// Seconds with one decimal, such as `2.5 s`.
    static func text(_ time: Duration) -> String {
        let tenths = Int((seconds(time) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }

    /// Seconds, for programs.
    static func seconds(_ time: Duration) -> Double {
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }
}
