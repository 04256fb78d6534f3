import AdHoc
import ArgumentParser
import Fleet
import Inventories

extension Drover {
    /// `drover cp PATTERN SOURCE… DEST`: files and folders to many hosts.
    struct Copy: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "cp", abstract: "Copy files and folders to many hosts.",
            discussion: """
                Folders are copied with all that is in them, modes and symbolic links kept. DEST that is a folder, or ends in /, \
                gets each source under its own name; SOURCE/. stands for what is in the folder. What a host has already is not \
                sent again, everything sent is checked by its SHA-256 there, and a lost connection is gone on from.
                """
        )
        .examples(
            "drover cp web -i hosts.yml site.conf /etc/nginx/conf.d/ -b --mode 0644",
            "drover cp ap1 --stage production assets /srv/shop/shared/")

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.", completion: .hosts) var pattern:
            String
        @Argument(help: "Files and folders of this machine, and last the place on the hosts.", completion: .file())
        var paths: [String]
        @Option(help: "Mode of copied files, such as 0644 (default: the mode they have here).", transform: Self.mode)
        var mode: UInt16?
        @Option(help: "Owner of what is copied: user, user:group or :group.") var owner: String?
        @OptionGroup var pace: PaceOptions
        @OptionGroup(title: "Hosts") var source: HostsOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup(title: "Privileges") var become: BecomeOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if paths.count < 2 { throw ValidationError("name a source and a place on the hosts") }
            if paths.last?.isEmpty == true { throw ValidationError("the place on the hosts is empty") }
        }

        private static func mode(_ text: String) throws -> UInt16 {
            guard let mode = UInt16(text, radix: 8), mode <= 0o7777 else {
                throw ValidationError("'\(text)' is no mode in octal, such as 0644")
            }
            return mode
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let trees = try paths.dropLast().map { path throws(InputError) in try LocalTree.read(path) }
            let chosen = try Composition.choose(
                pattern, of: source, connection, become: become, seams)
            let (access, hosts) = (chosen.access, chosen.hosts)
            let copy = CopyFanOut(
                trees, to: paths.last ?? "", CopyOptions(mode: mode, owner: owner),
                privileges: try access.privileges(on: hosts))
            let reporter = CopyReporter(hosts, seams.terminal, format.format)
            let pace = pace.pace(forks: connection.forks)
            let isComplete = try await access.fanOut(over: hosts, at: pace, seams.terminal) { fanOut in
                await copy.perform(with: fanOut, reporter.tell)
            }
            reporter.finish()
            return isComplete ? .done : .failed
        }
    }
}
