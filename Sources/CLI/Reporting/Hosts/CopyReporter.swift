import AdHoc
import Fleet
import Synchronization

/// Shows what copying came to on the hosts.
final class CopyReporter: Sendable {
    private struct State {
        var done: [HostName: CopyOutcome] = [:]
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

    func tell(_ answer: HostAnswer<CopyOutcome>) {
        state.withLock { state in
            switch answer.result {
            case .success(let outcome): state.done[answer.host] = outcome
            case .failure(let error): state.failures[answer.host] = error
            case nil: state.leftOut.insert(answer.host)
            }
        }
        if format == .json { terminal.write(line: CopyRecord(answer), about: answer.host) }
    }

    /// Tells all that was not told yet.
    func finish() {
        guard format == .table else { return }
        let state = state.withLock(\.self)
        var groups: [(outcome: CopyOutcome, hosts: [HostName])] = []
        for host in hosts {
            guard let outcome = state.done[host] else { continue }
            if let index = groups.firstIndex(where: { $0.outcome == outcome }) {
                groups[index].hosts.append(host)
            } else {
                groups.append((outcome, [host]))
            }
        }
        for group in groups { terminal.write("\(NodeSet.text(group.hosts)): \(Self.words(group.outcome))") }
        terminal.show(failures: hosts.compactMap { host in state.failures[host].map { (host, $0) } })
        terminal.show(leftOut: hosts.filter(state.leftOut.contains))
    }

    private static func words(_ outcome: CopyOutcome) -> String {
        var parts: [String] = []
        if outcome.copied > 0 { parts.append("copied \(outcome.copied) (\(outcome.bytes))") }
        if outcome.adjusted > 0 { parts.append("set \(outcome.adjusted) links and modes") }
        if outcome.same > 0 { parts.append("\(outcome.same) already there") }
        return parts.isEmpty ? "nothing to do" : parts.joined(separator: ", ")
    }
}

/// What copying came to on one host, as programs read it.
struct CopyRecord: SchemaDocument {
    static let schema = DocumentSchema(
        "copy", "What copying came to on one host; the counts are absent where it failed",
        [
            .always("host", .text, "the host"),
            .maybe("copied", .integer, "files that were copied"),
            .maybe("bytes", .integer, "bytes that were sent"),
            .maybe("adjusted", .integer, "links and modes that were set"),
            .maybe("same", .integer, "files that were there already"),
            .maybe("elapsed", .number, "seconds by the controller's clock, without connecting"),
            .maybe("error", .text, "why it failed, for people"),
            .maybe("code", .text, "what kind of error it is: a connection's, or `leftOut`"),
            .maybe("hints", .list(.text), "what to do about it"),
        ])

    let host: HostName
    var copied: Int?
    var bytes: Int?
    var adjusted: Int?
    var same: Int?
    /// Seconds on the controller's clock, connecting not included.
    var elapsed: Double?
    var error: String?
    var code: String?
    var hints: [String]?

    init(_ answer: HostAnswer<CopyOutcome>) {
        host = answer.host
        switch answer.result {
        case .success(let outcome):
            (copied, bytes) = (outcome.copied, outcome.bytes.bytes)
            (adjusted, same) = (outcome.adjusted, outcome.same)
            elapsed = answer.elapsed.map { $0 / .seconds(1) }
        case .failure(let failure):
            (error, code) = (failure.message, failure.code.description)
            hints = failure.hints.isEmpty ? nil : failure.hints
        case nil: (error, code) = ("left out", "leftOut")
        }
    }
}
