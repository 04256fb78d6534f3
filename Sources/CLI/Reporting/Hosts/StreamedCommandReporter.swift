import AdHoc
import Fleet
import Synchronization

/// Shows every line as it comes, behind its host's name.
final class StreamedCommandReporter: CommandReporter {
    private struct Lines {
        var output = LineCutter()
        var errors = LineCutter()
    }

    private struct State {
        var lines: [HostName: Lines] = [:]
        var failures: [(host: HostName, error: TransportError)] = []
        var leftOut: [HostName] = []
        var tally = Tally()
    }

    private let terminal: Terminal
    /// Whether a terminal gets what hosts wrote as it is.
    private let isRaw: Bool
    /// How wide hosts' names are; `nil` where they are not shown.
    private let width: Int?
    // Also keeps the lines of hosts apart from one another.
    private let state = Mutex(State())

    private let endsWithTally: Bool

    init(
        _ hosts: [HostName], _ terminal: Terminal, raw: Bool = false, isNamed: Bool = true, endsWithTally: Bool = true
    ) {
        (self.terminal, isRaw, self.endsWithTally) = (terminal, raw, endsWithTally)
        width = isNamed ? min(40, hosts.map(\.description.count).max() ?? 0) : nil
    }

    func tell(_ event: CommandEvent) {
        switch event {
        case .wrote(let host, let stream, let piece): take(piece, stream, from: host)
        case .ended(let end): finish(end)
        }
    }

    private func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) {
        state.withLock { state in
            var own = state.lines.removeValue(forKey: host) ?? Lines()
            let lines = stream == .output ? own.output.feed(piece) : own.errors.feed(piece)
            state.lines[host] = own
            show(lines, stream, host)
        }
    }

    private func show(_ lines: [[UInt8]], _ stream: CommandStream, _ host: HostName) {
        guard !lines.isEmpty else { return }
        let prefix = Array(prefix(host).utf8)
        var bytes: [UInt8] = []
        for line in lines { bytes += prefix + line + [UInt8(ascii: "\n")] }
        terminal.relay(bytes, stream, raw: isRaw)
    }

    private func prefix(_ host: HostName) -> String {
        guard let width else { return "" }
        let name = host.description
        return name + String(repeating: " ", count: max(0, width - name.count)) + " | "
    }

    private func finish(_ end: CommandEnd) {
        state.withLock { state in
            var own = state.lines.removeValue(forKey: end.host) ?? Lines()
            state.tally.count(end)
            show([own.output.finish()].compactMap(\.self), .output, end.host)
            show([own.errors.finish()].compactMap(\.self), .errors, end.host)
            switch end.result {
            case .success(0): break
            case .success(let status):
                terminal.tell(error: "command ended with status \(status)", about: end.host.description)
            case .failure(let error): state.failures.append((end.host, error))
            case nil: state.leftOut.append(end.host)
            }
        }
    }

    func finish() {
        let (failures, leftOut, tally) = state.withLock { ($0.failures, $0.leftOut, $0.tally) }
        terminal.show(failures: failures)
        terminal.show(leftOut: leftOut)
        if endsWithTally, let words = tally.words { terminal.say(words) }
    }
}
