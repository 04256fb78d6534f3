import Fleet
import Synchronization

/// Shows what copying came to on the hosts.
final class CopyReport: Sendable {
    /// One host, as programs read it.
    struct Record: Encodable {
        let host: HostName
        var copied: Int?
        var bytes: Int?
        var adjusted: Int?
        var same: Int?
        var elapsed: Double?
        var error: String?
        var code: String?
        var hints: [String]?
    }

    /// A host's outcome, and how long it took.
    struct Timed: Sendable {
        var outcome: HostCopy.Outcome
        var elapsed: Duration
    }

    private struct State {
        var done: [HostName: HostCopy.Outcome] = [:]
        var failures: [HostName: TransportError] = [:]
        var leftOut: Set<HostName> = []
    }

    private let hosts: [HostName]
    private let terminal: Terminal
    private let format: OutputFormat
    private let state = Mutex(State())

    init(_ hosts: [HostName], _ terminal: Terminal, _ format: OutputFormat) {
        (self.hosts, self.terminal, self.format) = (hosts, terminal, format)
    }

    /// Whether every host has everything.
    var isComplete: Bool { state.withLock { $0.failures.isEmpty && $0.leftOut.isEmpty } }

    func end(_ host: HostName, _ result: Result<Timed, TransportError>?) {
        let done = state.withLock { state in
            switch result {
            case .success(let timed): state.done[host] = timed.outcome
            case .failure(let error): state.failures[host] = error
            case nil: state.leftOut.insert(host)
            }
            return state.done.count + state.failures.count + state.leftOut.count
        }
        guard format == .json else { return terminal.show(progress: "\(done) of \(hosts.count) hosts ended") }
        do {
            terminal.write(json: try EncodedJSON.line(Self.record(host, result)))
        } catch {
            terminal.tell(error: "the answer cannot be written as JSON: \(error)", about: host.description)
        }
    }

    private static func record(_ host: HostName, _ result: Result<Timed, TransportError>?) -> Record {
        switch result {
        case .success(let timed):
            let outcome = timed.outcome
            return Record(
                host: host, copied: outcome.copied, bytes: outcome.bytes, adjusted: outcome.adjusted,
                same: outcome.same, elapsed: timed.elapsed / .seconds(1))
        case .failure(let error):
            return Record(
                host: host, error: error.message, code: error.code.description,
                hints: error.hints.isEmpty ? nil : error.hints)
        case nil: return Record(host: host, error: "left out", code: "leftOut")
        }
    }

    /// Tells all that was not told yet.
    func finish() {
        guard format == .table else { return }
        let state = state.withLock(\.self)
        var groups: [(outcome: HostCopy.Outcome, hosts: [HostName])] = []
        for host in hosts {
            guard let outcome = state.done[host] else { continue }
            if let index = groups.firstIndex(where: { $0.outcome == outcome }) {
                groups[index].hosts.append(host)
            } else {
                groups.append((outcome, [host]))
            }
        }
        for group in groups { terminal.write("\(HostGroup.text(group.hosts)): \(Self.words(group.outcome))") }
        terminal.show(failures: hosts.compactMap { host in state.failures[host].map { (host, $0) } })
        let leftOut = hosts.filter(state.leftOut.contains)
        if !leftOut.isEmpty { terminal.warn("left out: \(HostGroup.text(leftOut))") }
    }

    private static func words(_ outcome: HostCopy.Outcome) -> String {
        var parts: [String] = []
        if outcome.copied > 0 { parts.append("copied \(outcome.copied) (\(ByteCount(outcome.bytes)))") }
        if outcome.adjusted > 0 { parts.append("set \(outcome.adjusted) links and modes") }
        if outcome.same > 0 { parts.append("\(outcome.same) already there") }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
    }
}
