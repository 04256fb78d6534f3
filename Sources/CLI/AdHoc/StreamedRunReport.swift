import Fleet
import Synchronization

/// Shows every line as it comes, behind its host's name.
final class StreamedRunReport: RunReporting {
    private struct Lines {
        var output = LineCutter()
        var errors = LineCutter()
    }

    private struct State {
        var lines: [HostName: Lines] = [:]
        var failures: [(host: HostName, error: TransportError)] = []
        var leftOut: [HostName] = []
    }

    private let terminal: Terminal
    /// Whether a terminal gets what hosts wrote as it is.
    private let isRaw: Bool
    private let width: Int
    // Also keeps the lines of hosts apart from one another.
    private let state = Mutex(State())

    init(_ hosts: [HostName], _ terminal: Terminal, raw: Bool = false) {
        (self.terminal, isRaw) = (terminal, raw)
        width = min(40, hosts.map(\.description.count).max() ?? 0)
    }

    func take(_ piece: [UInt8], _ stream: CommandStream, from host: HostName) {
        state.withLock { state in
            var own = state.lines.removeValue(forKey: host) ?? Lines()
            let lines = stream == .output ? own.output.feed(piece) : own.errors.feed(piece)
            state.lines[host] = own
            show(lines, stream, host)
        }
    }

    private func show(_ lines: [[UInt8]], _ stream: CommandStream, _ host: HostName) {
        guard !lines.isEmpty else { return }
        let name = host.description
        let prefix = Array((name + String(repeating: " ", count: max(0, width - name.count)) + " | ").utf8)
        var bytes: [UInt8] = []
        for line in lines { bytes += prefix + line + [UInt8(ascii: "\n")] }
        terminal.relay(bytes, stream, raw: isRaw)
    }

    func end(_ host: HostName, _ result: Result<Int32, TransportError>?, elapsed: Duration?) {
        state.withLock { state in
            var own = state.lines.removeValue(forKey: host) ?? Lines()
            show([own.output.finish()].compactMap(\.self), .output, host)
            show([own.errors.finish()].compactMap(\.self), .errors, host)
            switch result {
            case .success(0): break
            case .success(let status):
                terminal.tell(error: "command ended with status \(status)", about: host.description)
            case .failure(let error): state.failures.append((host, error))
            case nil: state.leftOut.append(host)
            }
        }
    }

    func finish() {
        let (failures, leftOut) = state.withLock { ($0.failures, $0.leftOut) }
        terminal.show(failures: failures)
        if !leftOut.isEmpty { terminal.warn("left out: \(HostGroup.text(leftOut))") }
    }
}
