public import Fleet
import Foundation
import Synchronization

/// A private etcd cluster on free ports of loopback, for the length of one test.
public final class ThrowawayEtcd: Sendable {
    /// One of its members.
    private struct Member: Sendable {
        let name: String
        let client: Int
        let peer: Int
    }

    private let folder: URL
    private let members: [Member]
    private let certificates: ThrowawayCertificates?
    private let processes = Mutex<[Int: pid_t]>([:])

    private init(_ folder: URL, _ members: [Member], _ certificates: ThrowawayCertificates?) {
        (self.folder, self.members, self.certificates) = (folder, members, certificates)
    }

    /// Runs `body` with a cluster of so many members; over TLS, with certificates asked of clients, where there are some.
    public static func with<Result>(
        members count: Int = 1, certificates: ThrowawayCertificates? = nil,
        _ body: (ThrowawayEtcd) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder(in: memory) { folder in
            let members = try (1...count).map {
                Member(
                    name: "m\($0)", client: try AnsweringListener.quietPort(), peer: try AnsweringListener.quietPort())
            }
            let cluster = ThrowawayEtcd(folder, members, certificates)
            defer { for number in members.indices { cluster.signal(SIGKILL, to: number) } }
            for number in members.indices { try await cluster.start(number) }
            for number in members.indices { try await cluster.waitUntilHealthy(number) }
            return try await body(cluster)
        }
    }

    /// In memory where there is such a file system: a member that waits for a disk that others keep busy counts as one that
    /// can't write, and these tests cut nobody's power.
    private static var memory: URL {
        let shared = "/dev/shm"
        let files = FileManager.default
        return files.isWritableFile(atPath: shared) ? URL(fileURLWithPath: shared) : files.temporaryDirectory
    }

    /// How it is named in `state:`, with keys below `prefix`.
    public func text(prefix: String = "test") -> String {
        "\(EtcdPlace.scheme)\(members.map { "127.0.0.1:\($0.client)" }.joined(separator: ","))/\(prefix)"
    }

    /// Where it is, as a client with its certificate knows it.
    public func place(prefix: String = "test") throws -> EtcdPlace {
        var place = try EtcdPlace(text(prefix: prefix))
        guard let certificates else { return place }
        place.isSecure = true
        place.trust = WebTrust(
            authorities: certificates.authority, certificate: certificates.client, key: certificates.clientKey)
        return place
    }

    /// Starts a member; it goes on with the data that it has.
    public func start(_ number: Int) async throws {
        let member = members[number]
        let scheme = certificates == nil ? "http" : "https"
        let peers = members.map { "\($0.name)=http://127.0.0.1:\($0.peer)" }.joined(separator: ",")
        var words = [
            "etcd", "--name", member.name, "--data-dir", folder.path + "/\(member.name)", "--listen-client-urls",
            "\(scheme)://127.0.0.1:\(member.client)", "--advertise-client-urls",
            "\(scheme)://127.0.0.1:\(member.client)", "--listen-peer-urls", "http://127.0.0.1:\(member.peer)",
            "--initial-advertise-peer-urls", "http://127.0.0.1:\(member.peer)", "--initial-cluster", peers,
            "--heartbeat-interval", "100", "--election-timeout", "1000", "--logger", "zap",
        ]
        if let certificates {
            words += [
                "--cert-file", certificates.server, "--key-file", certificates.serverKey, "--trusted-ca-file",
                certificates.authority, "--client-cert-auth",
            ]
        }
        let script = #"log=$1; shift; "$@" >>"$log" 2>&1 </dev/null & echo $!"#
        let started = try await DroverProgram.run(["sh", "-c", script, "sh", log(number)] + words)
        guard let process = pid_t(started.output.filter(\.isNumber)) else { throw Fault(text: started.errors) }
        processes.withLock { $0[number] = process }
    }

    /// Waits until a member can write.
    public func waitUntilHealthy(_ number: Int) async throws {
        var words = ["curl", "-sf"]
        if let certificates {
            words += [
                "--cacert", certificates.authority, "--cert", certificates.client, "--key", certificates.clientKey,
            ]
        }
        let url = "\(certificates == nil ? "http" : "https")://127.0.0.1:\(members[number].client)/health"
        let script = #"for i in $(seq 600); do "$@" 2>/dev/null | grep -q '"true"' && exit 0; sleep 0.05; done; exit 1"#
        let answer = try await DroverProgram.run(["sh", "-c", script, "sh"] + words + [url])
        guard answer.status == 0 else { throw Fault(text: "etcd did not start: \(logText(number))") }
    }

    /// Sends a member's process a signal: SIGKILL ends it, SIGSTOP cuts it off from everybody until SIGCONT.
    public func signal(_ number: Int32, to member: Int) {
        processes.withLock { processes in
            guard let process = processes[member] else { return }
            kill(process, number)
            if number == SIGKILL { processes[member] = nil }
        }
    }

    /// The member that leads.
    public func leader() async throws -> Int {
        let endpoints = members.map { "127.0.0.1:\($0.client)" }
        let words = ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", endpoints.joined(separator: ",")]
        // A line a member: its endpoint, and in the fifth place whether it leads.
        let lines = try await DroverProgram.run(words + ["endpoint", "status"]).succeeded().output.split(
            separator: "\n")
        let leading = lines.first { line in
            let parts = line.split(separator: ",")
            return parts.count > 4 && parts[4].contains("true")
        }
        guard let leading, let number = endpoints.firstIndex(where: { leading.hasPrefix($0 + ",") }) else {
            throw Fault(text: "no member of etcd leads: \(lines)")
        }
        return number
    }

    /// Runs `etcdctl` against the first member.
    public func control(_ words: String...) async throws -> String { try await control(words) }

    /// As ``control(_:)``.
    public func control(_ words: [String]) async throws -> String {
        try await DroverProgram.run(
            ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", "127.0.0.1:\(members[0].client)"] + words
        ).succeeded().output
    }

    private func log(_ number: Int) -> String { folder.path + "/\(members[number].name).log" }

    private func logText(_ number: Int) -> String {
        (try? String(contentsOfFile: log(number), encoding: .utf8)) ?? "no log"
    }

    /// What went wrong in the fixture itself.
    struct Fault: Error, CustomStringConvertible {
        let text: String
        var description: String { text }
    }
}
