import AdHoc
import Fleet
import Sampling
import Synchronization

/// Shows what hosts do as `sar` does: of one host exactly so, of several with their names beside.
final class SarReporter: Sendable {
    private struct Shown {
        var board: SampleBoard
        var samples: [HostName: [Sample]] = [:]
        var failed: Set<HostName> = []
        /// Hosts of which it is known whether they are containers.
        var known: Set<HostName> = []
        /// Lines since the titles stood there.
        var lines = 0
    }

    private let hosts: [HostName]
    private let texts: [SarText]
    private let moments: MomentText
    private let terminal: Terminal
    private let format: OutputFormat
    private let shown: Mutex<Shown>

    /// - Parameter room: How wide lines may be; `nil` for as wide as they are.
    init(
        _ hosts: [HostName], _ reports: [SarReport], _ moments: MomentText, _ terminal: Terminal,
        _ format: OutputFormat, room: Int?
    ) {
        (self.hosts, self.moments, self.terminal, self.format) = (hosts, moments, terminal, format)
        texts = reports.map { SarText($0, hosts: hosts, width: room) }
        shown = Mutex(Shown(board: SampleBoard(hosts)))
    }

    // MARK: live

    /// Says what the hosts are, as `sar` does before its first line.
    func introduce(_ routes: [Route], _ connections: Connections) async {
        guard format == .table else { return }
        tellLeftOut(texts)
        guard let route = routes.first, routes.count == 1 else { return }
        // Who cannot be asked is told of when it cannot be read.
        let answer = try? await connections.transport(to: route).run(RemoteCommand(shell: MachineName.question))
        guard let machine = answer.flatMap({ MachineName(answer: $0.text) }) else { return }
        terminal.write(SarText.banner(route.host, machine, date: moments.date(moments.now)))
    }

    /// Takes what came of reading a host.
    func tell(_ event: SamplingEvent) {
        shown.withLock { shown in
            switch event {
            case .sample(let host, let number, let sample, _):
                shown.samples[host, default: []].append(sample)
                write(shown.board.add(host, number, sample), &shown)
            case .failed(let host, let error):
                shown.failed.insert(host)
                terminal.show(failures: [(host, error)])
                write(shown.board.leave(host), &shown)
            }
        }
    }

    /// Writes what is left, and the averages.
    func finish() -> ExitStatus {
        shown.withLock { shown in
            write(shown.board.finish(), &shown)
            let averages = hosts.compactMap { host in
                shown.samples[host].flatMap { Sample.mean(of: $0) }.map { (host: host, sample: $0) }
            }
            writeAverages(averages)
            return shown.failed.isEmpty ? .done : .failed
        }
    }

    private func write(_ rows: [SampleBoard.Row], _ shown: inout Shown) {
        for row in rows {
            guard format == .table else {
                for (host, sample) in row.samples { write(SarRecord(sample, of: host, .live), of: host) }
                continue
            }
            tellContainers(row.samples, &shown.known)
            for text in texts { write(row, text, &shown) }
        }
    }

    private func write(_ row: SampleBoard.Row, _ text: SarText, _ shown: inout Shown) {
        guard let first = row.samples.first?.sample else { return }
        let screen = terminal.output.size.map { $0.rows - 2 } ?? .max
        let isNew = shown.lines == 0 || shown.lines >= screen || texts.count > 1 || text.report.hasManyRows
        if isNew {
            terminal.write("")
            terminal.write(text.header(moments.clock(first.begin)))
            shown.lines = 0
        }
        for (host, sample) in row.samples {
            let lines = text.rows(moments.clock(sample.time), sample, of: host)
            for line in lines { terminal.write(line) }
            shown.lines += lines.count
        }
    }

    private func writeAverages(_ averages: [(host: HostName, sample: Sample)]) {
        guard format == .table else {
            for (host, sample) in averages { write(SarRecord(sample, of: host, .live, isAverage: true), of: host) }
            return
        }
        guard !averages.isEmpty else { return }
        for (index, text) in texts.enumerated() {
            if texts.count > 1 || text.report.hasManyRows || hosts.count > 1 {
                if index == 0 || texts.count > 1 { terminal.write("") }
                terminal.write(text.header("Average:"))
            }
            for (host, sample) in averages {
                for line in text.rows("Average:", sample, of: host) { terminal.write(line) }
            }
        }
    }

    // MARK: what was kept

    /// Shows what hosts' agents kept: one host after the other, each as `sar` prints it.
    /// - Parameter origin: The flags by which a hint's command finds the same hosts.
    func show(_ answers: [HostAnswer<HostHistory.Answer>], origin: [String]) -> ExitStatus {
        var failures: [(HostName, TransportError)] = []
        var without: [HostName] = []
        var empty: [HostName] = []
        let own = texts.map { SarText($0.report, columns: $0.columns) }
        if format == .table {
            tellLeftOut(own)
            var known: Set<HostName> = []
            tellContainers(
                answers.compactMap { answer in answer.value?.samples?.last.map { (answer.host, $0) } }, &known)
        }
        for answer in answers {
            switch answer.result {
            case .success(let history):
                guard let samples = history.samples else {
                    without.append(answer.host)
                    continue
                }
                if samples.isEmpty {
                    empty.append(answer.host)
                } else {
                    write(samples, history.machine, answer.host, own)
                }
            case .failure(let error): failures.append((answer.host, error))
            case nil: break
            }
        }
        terminal.show(failures: failures)
        terminal.show(leftOut: answers.filter { $0.result == nil }.map(\.host))
        tell(without: without, empty: empty, origin)
        return answers.allSatisfy(\.isSuccess) && without.isEmpty ? .done : .failed
    }

    private func write(_ samples: [Sample], _ machine: MachineName?, _ host: HostName, _ texts: [SarText]) {
        guard format == .table else {
            for sample in samples { write(SarRecord(sample, of: host, .history), of: host) }
            return
        }
        terminal.write(SarText.banner(host, machine, date: moments.date(samples[0].time)))
        for text in texts {
            var isFirst = true
            for sample in samples {
                if isFirst || text.report.hasManyRows {
                    terminal.write("")
                    terminal.write(text.header(moments.clock(sample.begin)))
                    isFirst = false
                }
                for line in text.rows(moments.clock(sample.time), sample, of: host) { terminal.write(line) }
            }
            guard let mean = Sample.mean(of: samples) else { continue }
            if text.report.hasManyRows {
                terminal.write("")
                terminal.write(text.header("Average:"))
            }
            for line in text.rows("Average:", mean, of: host) { terminal.write(line) }
        }
        terminal.write("")
    }

    private func tell(without: [HostName], empty: [HostName], _ origin: [String]) {
        if !without.isEmpty {
            let flags = origin.map(RemoteCommand.quote).joined(separator: " ")
            let pattern = without.map(\.description).joined(separator: ",")
            terminal.tell(
                error: "no history: \(without.count == 1 ? "it has" : "they have") no agent",
                about: NodeSet.text(without),
                hints: [
                    "what is done now is shown without one: drover sar \(pattern) 1 \(flags)",
                    "an agent keeps a week of it: drover agent install \(pattern) \(flags)",
                ])
        }
        if !empty.isEmpty {
            terminal.warn("the agents of \(NodeSet.text(empty)) kept nothing of that time")
        }
    }

    // MARK: both

    /// Says once of each host that it is a container, whose figures are its own.
    private func tellContainers(_ samples: [(host: HostName, sample: Sample)], _ known: inout Set<HostName>) {
        let new = samples.filter { known.insert($0.host).inserted && $0.sample.scope == .controlGroup }.map(\.host)
        guard !new.isEmpty else { return }
        terminal.say(
            "\(NodeSet.text(new)): \(new.count == 1 ? "a container" : "containers"), with figures of the control group alone; "
                + "'-' is not in them")
    }

    private func tellLeftOut(_ texts: [SarText]) {
        let titles = texts.flatMap(\.leftOut)
        guard !titles.isEmpty else { return }
        terminal.say("no room for \(titles.joined(separator: ", ")): --format wide shows all")
    }

    private func write(_ record: SarRecord, of host: HostName) { terminal.write(line: record, about: host) }
}

extension Sample {
    /// When it began, in seconds since 1970.
    fileprivate var begin: Int64 { time - (Int64(exactly: interval.rounded()) ?? 0) }
}

extension SarText {
    /// The same of one host alone, with these columns.
    fileprivate init(_ report: SarReport, columns: [SarColumn]) {
        (self.report, self.columns, hostWidth) = (report, columns, nil)
    }
}
