import ArgumentParser
import Fleet
import Foundation
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
                """)

        @Argument(help: "Which hosts: all, a group, a name, or any Ansible pattern.") var pattern: String
        @Argument(help: "Files and folders of this machine, and last the place on the hosts.") var paths: [String]
        @Option(help: "Mode of copied files, such as 0644 (default: the mode they have here).", transform: Self.mode)
        var mode: UInt16?
        @Option(help: "Owner of what is copied: user, user:group or :group.") var owner: String?
        @OptionGroup var pace: PaceOptions
        @OptionGroup var inventory: InventoryOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var become: BecomeOptions
        @OptionGroup var format: FormatOptions

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
            let access = try Composition.hosts(inventory, connection, become: become, seams)
            let hosts = try access.inventory.hosts(matching: pattern, limit: inventory.limit)
            let copy = HostCopy(
                trees: trees, target: target, wish: CopyWish(mode: mode, owner: owner), privilege: become.privilege,
                digests: DigestCache())
            let report = CopyReport(hosts, seams.terminal, format.format)
            let fanOut = FanOut(
                access: access, hosts: hosts, terminal: seams.terminal, pace: pace.pace(forks: connection.forks))
            let privileges = try access.privileges(on: hosts, flags: become.privilege)
            let work: FanOut.Work<CopyReport.Timed> = { transport, _ throws(TransportError) in
                let start = ContinuousClock.now
                var copy = copy
                copy.privilege = privileges[transport.host] ?? copy.privilege
                return CopyReport.Timed(outcome: try await copy.perform(over: transport), elapsed: .now - start)
            }
            try await fanOut.each(work, hasFailed: { _ in false }) { report.end($0.host, $0.result) }
            await access.connector.closeAll()
            report.finish()
            return report.isComplete ? .done : .failed
        }

        /// The place, with neither a home folder that only a shell would find nor a name that looks like a flag.
        private var target: String {
            let path = paths.last ?? ""
            if path == "~" || path == "~/" { return "./" }
            if path.hasPrefix("~/") { return "./" + path.dropFirst(2) }
            return path.hasPrefix("-") ? "./" + path : path
        }
    }
}
