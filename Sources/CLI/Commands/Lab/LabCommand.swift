import ArgumentParser

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
                LabReset.self, LabLimit.self,
            ])
    }
}
