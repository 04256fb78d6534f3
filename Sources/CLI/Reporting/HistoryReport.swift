import Fleet
import Rollouts

/// Shows what was done to stages: a line for each run, and why where something went wrong.
struct HistoryReport {
    /// How many runs are shown where nobody says.
    static let usual = 20

    let terminal: Terminal
    let now: Timestamp
    /// Whether runs of several stages may be among them.
    let hasStages: Bool
    /// What people call builds.
    var names: [BuildDigest: String] = [:]

    /// - Parameter isWhole: Whether all of them are shown, however few lines the terminal has.
    func show(_ runs: [(run: RunRecord, reason: String?)], isWhole: Bool) {
        if terminal.tables == .names {
            for (run, _) in runs { terminal.write(run.id.description) }
            return
        }
        let rows = fitting(runs.map(\.run)).lines
        guard let titles = rows.first else { return }
        var room = isWhole ? .max : terminal.output.size.map { $0.rows - Self.spared } ?? .max
        terminal.write(cutting: titles)
        var shown = 0
        for (row, (_, reason)) in zip(rows.dropFirst(), runs) {
            let lines = reason == nil ? 1 : 2
            if lines > room, shown > 0 { break }
            terminal.write(cutting: row)
            if let reason { terminal.write(cutting: "    \(reason)") { terminal.paint($0, .yellow) } }
            room -= lines
            shown += 1
        }
        if shown < runs.count { terminal.say("earlier ones: drover history --limit \(runs.count)") }
    }

    /// Lines of a screen that are not for runs: what was typed, the titles, the hint, and what is typed next.
    private static let spared = 4

    /// With names and digits of builds where there is room for both, or else with what names each for sure.
    private func fitting(_ runs: [RunRecord]) -> Table {
        let whole = table(runs) { BuildLabel($0, names[$0.file]).description }
        guard terminal.tables != .wide, let columns = terminal.output.size?.columns,
            whole.lines.contains(where: { $0.count > columns })
        else { return whole }
        let builds = Dictionary(grouping: names.keys) { names[$0] ?? "" }
        return table(runs) { build in
            guard let name = names[build.file], builds[name]?.count == 1 else { return build.release.description }
            return name
        }
    }

    private func table(_ runs: [RunRecord], _ label: (BuildDigest) -> String) -> Table {
        var table = Table("RUN", "WHEN", "STAGE", "WHAT", "BUILD", "OUTCOME", "BY")
        for run in runs {
            table.add(
                run.id.description, Age.words(now - (run.endedAt ?? run.startedAt)), run.stage, run.kind.description,
                run.build.map(label) ?? "-",
                run.outcome?.description ?? "unfinished", Self.person(run.holder)
            )
        }
        guard !hasStages else { return table }
        table.titles.remove(at: 2)
        for index in table.rows.indices { table.rows[index].remove(at: 2) }
        return table
    }

    /// Without the number of the process, which only `--run` and programs have use for.
    static func person(_ holder: String) -> String {
        guard let colon = holder.lastIndex(of: ":"), Int(holder[holder.index(after: colon)...]) != nil else {
            return holder
        }
        return String(holder[..<colon])
    }
}

/// Tells one run again: what it was, and each of its lines with the time of the day.
struct RunReport {
    let terminal: Terminal
    let now: Timestamp
    /// What people call builds.
    var names: [BuildDigest: String] = [:]

    /// `run 5: rollout of shop-1.2 (a2ff6a2e58bf) on lab, rolled-back, 3 min ago`
    func showHead(_ run: RunRecord, reason: String?) {
        let build = run.build.map { " of \(BuildLabel($0, names[$0.file]))" } ?? ""
        let outcome = run.outcome?.description ?? "unfinished"
        let ago = Age.words(now - (run.endedAt ?? run.startedAt))
        terminal.write(wrapping: "run \(run.id): \(run.kind)\(build) on \(run.stage), \(outcome), \(ago)")
        let took = run.endedAt.map { ", took \(($0 - run.startedAt).inSeconds)" } ?? ""
        terminal.write(wrapping: "  begun \(run.startedAt)\(took), by \(run.holder)")
        if let reason { terminal.write(wrapping: "  \(reason)") { terminal.paint($0, .yellow) } }
    }

    /// The lines of a rollout. What was begun is told where nothing is known to have come of it.
    func show(_ entries: [RolloutEntry]) {
        let doubtful = Self.doubtful(entries)
        var told = RolloutTold()
        for entry in entries {
            told.note(entry)
            var text = RolloutWords.text(entry.event, took: nil, after: told)
            if doubtful.contains(entry.sequence), let intent = RolloutWords.intent(entry.event) {
                text = "\(intent); what came of it is not known"
            }
            guard let text else { continue }
            for (index, line) in text.split(separator: "\n").enumerated() {
                let start = index == 0 ? Self.time(entry.at) : String(repeating: " ", count: 8)
                // What follows on a line's own margin needs none besides.
                terminal.write(wrapping: "\(start)  \(line)", indent: index == 0 ? 10 : 0)
            }
        }
    }

    /// The places of intents after which nobody noted that they were done, or could not be.
    private static func doubtful(_ entries: [RolloutEntry]) -> Set<Int64> {
        var open: [RolloutAction: Int64] = [:]
        var doubtful: Set<Int64> = []
        for entry in entries {
            switch entry.event {
            case .intent(let action): open[action] = entry.sequence
            case .done(let action, _), .failed(let action, _): open[action] = nil
            case .sighted(let host, _): open[.observe(host)] = nil
            case .counted: open[.count] = nil
            case .judged(let batch, _): open[.judge(batch: batch)] = nil
            case .resumed:
                doubtful.formUnion(open.values)
                open = [:]
            default: break
            }
        }
        return doubtful.union(open.values)
    }

    /// `09:28:04`, of a moment in UTC.
    private static func time(_ moment: Timestamp) -> String { String(moment.description.dropFirst(11).prefix(8)) }
}
