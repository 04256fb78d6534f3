public import Fleet
import Foundation

/// Which lab: its name and where its state is. Everything the lab makes on this machine is found again from these two.
public struct LabIdentity: Hashable, Sendable {
    /// The lab's name.
    public let name: String
    /// Absolute path of the folder that holds all that is the lab's own.
    public let folder: String
    /// Eight hexadecimal digits that are in the name of every device, namespace, table and control group of the lab.
    let id: String

    /// The lab `name` under `stateFolder` (`.drover` or `$DROVER_STATE`).
    /// - Throws: ``InputError`` when the name cannot be a folder's, or overlayfs cannot take the folder's path.
    public init(name: String, stateFolder: String) throws(InputError) {
        guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._-]{0,63}/) != nil else {
            throw InputError(
                "lab name '\(name)' must be 1 to 64 letters, digits, '.', '_' and '-'",
                hints: ["choose one with --name"])
        }
        let state = URL(fileURLWithPath: stateFolder).standardizedFileURL.resolvingSymlinksInPath().path
        guard !state.contains(where: { ",:\\\n".contains($0) }) else {
            throw InputError(
                "the lab's disks cannot be under '\(state)': overlayfs takes no ',', ':' or '\\' in a path",
                hints: ["set DROVER_STATE to another folder"])
        }
        self.name = name
        folder = "\(state)/labs/\(name)"
        id = Self.digest(folder)
    }

    /// Interface names have room for no more.
    private static func digest(_ text: String) -> String { Hex.text(FNVHash.short(text), digits: 8) }

    /// Private key that every host of the lab lets in.
    public var identityFile: String { "\(folder)/id_ed25519" }
    /// Host keys of the lab, written before the hosts boot.
    public var knownHostsFile: String { "\(folder)/known_hosts" }

    var recordFile: String { "\(folder)/lab.json" }
    var bridge: String { "dr\(id)-br" }
    var table: String { "drover_\(id)" }

    /// Prefix of network namespaces and of the machines' names.
    var namespacePrefix: String { "drover-\(id)-" }
    /// Prefix of this machine's ends of the hosts' cables.
    var linkPrefix: String { "dr\(id)-" }

    func namespace(_ last: Int) -> String { namespacePrefix + String(last) }
    func link(_ last: Int) -> String { linkPrefix + String(last) }
    func cgroup(_ last: Int) -> String { "\(id)-\(last)" }
    func hostFolder(_ host: HostName) -> String { "\(folder)/hosts/\(host)" }
    func rootFolder(_ host: HostName) -> String { "\(hostFolder(host))/root" }
    func diskFolder(_ host: HostName) -> String { "\(hostFolder(host))/disks" }
    /// What the host's boot said, and systemd-nspawn's complaints.
    func logFile(_ host: HostName) -> String { "\(hostFolder(host))/boot.log" }
}
