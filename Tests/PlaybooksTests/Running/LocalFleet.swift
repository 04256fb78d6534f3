import Fleet
import Foundation
import Inventories
import Playbooks
import Synchronization
import TestSupport

/// Hosts that are this machine, each with a folder of its own, counting what is asked of them.
final class LocalFleet: Connector {
    /// How often each host was asked, by privilege's name.
    private let requests = Mutex<[String: Int]>([:])
    private let lost: Set<String>
    private let events = Mutex<[RunEvent]>([])
    let folder: URL

    /// Hosts whose things stand in `folder`; those in `lost` cannot be reached.
    init(_ folder: URL, lost: Set<String> = []) {
        self.folder = folder
        self.lost = lost
    }

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        if lost.contains(endpoint.host.description) {
            throw TransportError(.unreachable, host: endpoint.host, "nobody answers")
        }
        return Counting(local: LocalShellTransport(host: endpoint.host), fleet: self)
    }

    func closeAll() async {}

    /// How many requests a host has had.
    func requests(to host: String) -> Int { requests.withLock { $0[host] ?? 0 } }

    func forgetRequests() { requests.withLock { $0 = [:] } }

    /// Writes a file below the fleet's folder.
    func write(_ name: String, _ text: String) throws {
        let file = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// The text of a file below the fleet's folder.
    func read(_ name: String) -> String? {
        FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// Runs `site.yml` of the folder on `hosts`, each with a variable `root` that names its folder.
    func run(
        on hosts: [String] = ["h1"], options: RunOptions = RunOptions(), variables: [String: String] = [:]
    ) async throws -> Ended {
        var lines = ["all:", "  hosts:"]
        for host in hosts {
            let root = folder.appendingPathComponent("hosts/\(host)").path
            try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
            lines.append("    \(host): {root: '\(root)'}")
        }
        for (name, value) in variables { lines += ["  vars:", "    \(name): \(value)"] }
        try write("inventory/hosts.yml", lines.joined(separator: "\n") + "\n")
        let site = folder.appendingPathComponent("site.yml").path
        let playbook = try Playbook.load(files: [site], extra: options.extra)
        let inventory = try Inventory.load(
            sources: [folder.appendingPathComponent("inventory").path], playbookFolders: [folder.path])
        return await run(playbook, inventory, options)
    }

    /// Runs a recorded playbook where it stands.
    func run(_ recorded: RecordedPlay, work: URL, sharing: Bool = true) async throws -> Ended {
        var options = try recorded.options(work: work)
        options.sharesAmongHosts = sharing
        let playbook = try Playbook.load(files: [recorded.playbook], extra: options.extra)
        let inventory = try Inventory.load(
            sources: options.inventorySources, playbookFolders: [RecordedPlay.folder.path])
        return await run(playbook, inventory, options)
    }

    private func run(_ playbook: Playbook, _ inventory: Inventory, _ options: RunOptions) async -> Ended {
        events.withLock { $0 = [] }
        let run = PlaybookRun(
            playbook, inventory: inventory, dialer: Dialer(self), options: options, clock: TestClock()
        ) {
            events in
            self.events.withLock { $0 += events }
        }
        return Ended(recap: await run.run(), events: events.withLock { $0 })
    }

    fileprivate func note(_ host: HostName) { requests.withLock { $0[host.description, default: 0] += 1 } }

    private struct Counting: Transport {
        let local: LocalShellTransport
        let fleet: LocalFleet
        var host: HostName { local.host }

        func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
            fleet.note(host)
            return try await local.run(command, outputLimit: outputLimit)
        }

        func upload(
            _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
        ) async throws(TransportError) {
            try await local.upload(localFile, to: path, mode: mode, privilege: privilege)
        }

        func close() async { await local.close() }
    }
}

/// A run that is over.
struct Ended {
    var recap: Recap
    var events: [RunEvent]

    /// One host's counters, as Ansible's recap writes them, zeros left out.
    func counters(_ host: String) -> String {
        guard let counters = recap.hosts.first(where: { $0.host.description == host })?.counters else { return "" }
        let named = [
            ("ok", counters.ok), ("changed", counters.changed), ("unreachable", counters.unreachable),
            ("failed", counters.failed), ("skipped", counters.skipped), ("rescued", counters.rescued),
            ("ignored", counters.ignored), ("unknown", counters.unknown),
        ]
        return named.filter { $0.1 > 0 }.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    }

    /// What happened, one line a task and host: `h1 name: changed`.
    var story: [String] {
        events.compactMap { event in
            switch event {
            case .taskFinished(let report): "\(report.host) \(report.task): \(report.outcome.rawValue)"
            case .hostUnreachable(let host, _): "\(host) unreachable"
            default: nil
            }
        }
    }

    /// The steps that tasks wait for, by name.
    func waits(of task: String) -> [Int] {
        events.compactMap { event in
            guard case .taskFinished(let report) = event, report.task == task else { return nil }
            return report.unknownUntil
        }
    }

    /// What tasks said, by name.
    func messages(of task: String) -> [String] {
        events.compactMap { event in
            guard case .taskFinished(let report) = event, report.task == task else { return nil }
            return report.message
        }
    }
}

extension Ended: CustomStringConvertible {
    /// Everything that was told, for the message of an expectation that does not hold.
    var description: String {
        let lines = events.map { event -> String in
            switch event {
            case .taskFinished(let report):
                "\(report.host) \(report.task): \(report.outcome) \(report.error?.message ?? report.message ?? "") \(report.items)"
            case .hostUnreachable(let host, let error): "\(host) unreachable: \(error.message)"
            case .warning(let warning): "warning: \(warning.message)"
            case .error(let error, _): "error: \(error.message)"
            default: ""
            }
        }
        return lines.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
