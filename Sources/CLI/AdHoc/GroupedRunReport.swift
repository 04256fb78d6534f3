import Fleet
import Synchronization

/// Shows what hosts said when all have ended, hosts that said the same together.
final class GroupedRunReport: RunReporting {
    private struct Said: Hashable {
        var status: Int32
        var output: OutputTail
        var errors: OutputTail
    }

    private struct State {
        var groups: [Said: [HostName]] = [:]
        /// What hosts wrote that did not come to the end.
        var unfinished: [(answer: CommandAnswer, error: TransportError)] = []
        var leftOut: [HostName] = []
        var done = 0
        var kept = 0
    }

    private let hosts: [HostName]
    private let places: [HostName: Int]
    private let terminal: Terminal
    private let store: OutputStore
    /// Whether a terminal gets what hosts wrote as it is.
    private let isRaw: Bool
    private let state = Mutex(State())
    /// Beyond this, only the last lines of further answers are kept.
    private static let most = 256 << 20
    private static let least = 65536

    init(_ hosts: [HostName], _ terminal: Terminal, _ store: OutputStore, raw: Bool = false) {
        (self.hosts, self.terminal, self.store, isRaw) = (hosts, terminal, store, raw)
        places = Dictionary(uniqueKeysWithValues: hosts.enumerated().map { ($1, $0) })
    }

    func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) { store.take(piece, stream, from: host) }

    func end(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration?) {
        let answer = store.answer(host, result, elapsed: elapsed)
        let done = state.withLock { state in
            Self.add(answer, to: &state)
            return state.done
        }
        terminal.show(progress: "\(done) of \(hosts.count) hosts ended")
    }

    private static func add(_ answer: CommandAnswer, to state: inout State) {
        state.done += 1
        var answer = answer
        if state.kept > most {
            answer.output.cut(to: least)
            answer.errors.cut(to: least)
        }
        switch answer.result {
        case .success(let status):
            let said = Said(status: status, output: answer.output, errors: answer.errors)
            if state.groups[said] == nil { state.kept += answer.output.bytes.count + answer.errors.bytes.count }
            state.groups[said, default: []].append(answer.host)
        case .failure(let error): state.unfinished.append((answer, error))
        case nil: state.leftOut.append(answer.host)
        }
    }

    /// What hosts said to standard output, what went wrong to standard error.
    func finish() {
        let state = state.withLock(\.self)
        let groups = state.groups.map { (said: $0, hosts: ordered($1)) }
            .sorted { place($0.hosts) < place($1.hosts) }
        for (said, hosts) in groups where said.status == 0 { tell(said.output, said.errors, hosts) }
        for (said, hosts) in groups where said.status != 0 {
            tell(said.output, said.errors, hosts)
            terminal.tell(error: "command ended with status \(said.status)", about: HostGroup.text(hosts))
        }
        for (answer, _) in state.unfinished where !answer.output.isEmpty || !answer.errors.isEmpty {
            tell(answer.output, answer.errors, [answer.host])
        }
        let failures = state.unfinished.sorted { place([$0.answer.host]) < place([$1.answer.host]) }
        terminal.show(failures: failures.map { ($0.answer.host, $0.error) })
        if !state.leftOut.isEmpty { terminal.warn("left out: \(HostGroup.text(ordered(state.leftOut)))") }
    }

    private func ordered(_ hosts: [HostName]) -> [HostName] { hosts.sorted { place([$0]) < place([$1]) } }

    private func place(_ hosts: [HostName]) -> Int { hosts.first.flatMap { places[$0] } ?? 0 }

    private func tell(_ output: OutputTail, _ errors: OutputTail, _ hosts: [HostName]) {
        let who = hosts.count == 1 ? "1 host" : "\(hosts.count) hosts"
        let isSilent = output.isEmpty && errors.isEmpty
        terminal.write("\(who) said\(isSilent ? " nothing" : ""): \(HostGroup.text(hosts))")
        for tail in [output, errors] where !tail.isEmpty {
            if tail.omitted > 0 {
                terminal.warn("\(HostGroup.text(hosts)): the first \(ByteCount(tail.omitted)) are not shown")
            }
            terminal.relay(tail.bytes, .output, raw: isRaw)
        }
    }
}
