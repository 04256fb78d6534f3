import AdHoc
import Fleet
import Synchronization

/// Shows what hosts said when all have ended, hosts that said the same together: what they said on standard output, what
/// went wrong on standard error.
final class GroupedCommandReporter: CommandReporter {
    private let terminal: Terminal
    private let store: OutputStore
    /// Whether a terminal gets what hosts wrote as it is.
    private let isRaw: Bool
    private let answers: Mutex<AnswerGroups>
    private let tally = Mutex(Tally())

    init(_ hosts: [HostName], _ terminal: Terminal, _ store: OutputStore, raw: Bool = false) {
        (self.terminal, self.store, isRaw) = (terminal, store, raw)
        answers = Mutex(AnswerGroups(hosts))
    }

    func tell(_ event: CommandEvent) {
        switch event {
        case .wrote(let host, let stream, let piece): store.take(piece, stream, from: host)
        case .ended(let end):
            let answer = store.answer(end)
            answers.withLock { $0.add(answer) }
            tally.withLock { $0.count(end) }
        }
    }

    func finish() {
        let answers = answers.withLock(\.self)
        let groups = answers.groups
        for group in groups where group.status == 0 { show(group.output, group.errors, group.hosts) }
        for group in groups where group.status != 0 {
            show(group.output, group.errors, group.hosts)
            terminal.tell(error: "command ended with status \(group.status)", about: NodeSet.text(group.hosts))
        }
        let unfinished = answers.unfinished
        for answer in unfinished where !answer.output.isEmpty || !answer.errors.isEmpty {
            show(answer.output, answer.errors, [answer.host])
        }
        terminal.show(failures: unfinished.compactMap { answer in answer.end.error.map { (answer.host, $0) } })
        terminal.show(leftOut: answers.leftOut)
        if let words = tally.withLock(\.words) { terminal.say(words) }
    }

    private func show(_ output: OutputTail, _ errors: OutputTail, _ hosts: [HostName]) {
        let who = hosts.count.of("host")
        let isSilent = output.isEmpty && errors.isEmpty
        terminal.write("\(who) said\(isSilent ? " nothing" : ""): \(NodeSet.text(hosts))")
        for tail in [output, errors] where !tail.isEmpty {
            if tail.omitted > 0 {
                terminal.warn("\(NodeSet.text(hosts)): the first \(ByteCount(tail.omitted)) are not shown")
            }
            terminal.relay(tail.bytes, .output, raw: isRaw)
        }
    }
}
