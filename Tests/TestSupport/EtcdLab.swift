public import Foundation

/// Three members of etcd on hosts of a lab of its own, each with a real file system for its data, and what can befall them.
///
/// Everything is below ``folder``. A test leaves the members as it found them: up, healthy, without TLS.
public struct EtcdLab: Sendable {
    /// The folder with `inventory/etcd.yml` and `playbooks/etcd.yml`.
    public let folder: URL
    /// The program, run in that folder.
    public let drover: DroverProgram
    /// First three numbers of the members' addresses.
    public let network: String

    /// The members' names.
    public static let members = ["etcd1", "etcd2", "etcd3"]
    static let inventory = "inventory/etcd.yml"

    /// Copies inventory, play and role into `folder`, on a network that no interface of this machine has. No host is booted.
    public init(in folder: URL) async throws {
        self.folder = folder
        drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/.drover"])
        network = try await ServiceLab.freeNetwork() + ".8"
        for name in [Self.inventory, "inventory/group_vars/all.yml", "playbooks/etcd.yml", "playbooks/roles/etcd"] {
            let copy = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: copy.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(at: DroverProgram.repository.appendingPathComponent(name), to: copy)
        }
        let url = folder.appendingPathComponent(Self.inventory)
        let text = try String(contentsOf: url, encoding: .utf8).replacingOccurrences(of: "10.91.3", with: network)
        try text.write(to: url, atomically: true, encoding: .utf8)
    }

    /// Boots the hosts and makes them members, and returns when all are healthy.
    public func up() async throws {
        try await powerOn()
        try await apply()
        for member in Self.members { try await untilHealthy(member) }
    }

    /// Takes all hosts away.
    public func down() async throws { try await drover("lab", "down", "-i", Self.inventory).succeeded() }

    /// Runs the play.
    @discardableResult
    public func apply() async throws -> Transcript {
        try await drover("apply", "playbooks/etcd.yml", "-i", Self.inventory).succeeded()
    }

    // MARK: asking

    /// Address of a member.
    public func address(of member: String) -> String { "\(network).1\(member.dropFirst(4))" }

    /// Where a member answers clients, without the scheme.
    public func endpoint(of member: String) -> String { "\(address(of: member)):2379" }

    /// Where all members answer clients, in their order: `http://…:2379`.
    public var endpoints: [String] { Self.members.map { "http://\(endpoint(of: $0))" } }

    /// Runs a shell command as root on a member's host, past its sshd.
    @discardableResult
    public func on(_ member: String, _ command: String) async throws -> Transcript {
        try await drover("lab", "exec", "-i", Self.inventory, member, "--", "sh", "-c", command)
    }

    /// Runs `etcdctl` on a member's host, with that member alone for its endpoint.
    ///
    /// - Parameter patience: How many seconds an answer may take; members may have to elect a leader first.
    public func etcdctl(_ member: String, _ command: String, patience: Int = 30) async throws -> Transcript {
        let flags = "--endpoints=http://\(endpoint(of: member)) --command-timeout=\(patience)s"
        return try await on(member, "ETCDCTL_API=3 etcdctl \(flags) \(command)")
    }

    /// Asks a member from this machine with `curl`, and gives status and body; `flags` come first.
    public func curl(
        _ member: String, _ path: String, scheme: String = "http", _ flags: [String] = []
    ) async throws -> Transcript {
        let url = "\(scheme)://\(endpoint(of: member))\(path)"
        return try await DroverProgram.run(["curl", "-sS", "-m", "5", "-w", "\n%{http_code}"] + flags + [url])
    }

    /// Whether a member says that it is healthy: it answers, and a majority stands behind it.
    public func isHealthy(_ member: String) async throws -> Bool {
        try await curl(member, "/health").output == #"{"health":"true"}"# + "\n200"
    }

    /// Waits until a member is healthy.
    /// - Throws: ``UnexpectedEnd`` with what its journal says when it is not within a minute.
    public func untilHealthy(_ member: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await !isHealthy(member) {
            guard ContinuousClock.now < deadline else {
                let journal = try await on(member, "systemctl status etcd; journalctl -u etcd -n 20 -o cat").output
                throw UnexpectedEnd(description: "\(member) is not healthy\n\(journal)")
            }
        }
    }
}
