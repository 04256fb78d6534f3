import Fleet
import Playbooks
import Rollouts

/// Tells what `plan` and `apply` do to a stage's pool: lines for people, or one JSON object a line on standard output.
struct FleetTeller: Sendable {
    /// An event as programs read it.
    fileprivate struct Line: Encodable {
        let event = "fleet"
        let kind: String
        var host: HostName?
        var balancers: [HostName]?
        /// What it is now, and what it is to be.
        var from, to: String?
        var units: [String]?
        var change: String?
        /// How the balancers' file changes.
        var diff: String?
        var message: String?
        var hints: [String]?
        let planned: Bool
    }

    let terminal: Terminal
    let format: OutputFormat
    let pool: String
    /// Whether nothing is done, only shown.
    let isPlanned: Bool

    /// A change that is planned, or about to be made.
    func tell(_ change: FleetChange) {
        if format == .json { return write(Line(change, planned: isPlanned)) }
        let text = "\(change.host?.description ?? "pool \(pool)"): \(change)"
        isPlanned ? terminal.write(text) : terminal.say(text)
    }

    /// How the pool's file changes: each difference once, with the balancers that it is made on.
    func tell(_ changes: [HostName: PoolFileChange]) {
        for (change, balancers) in Dictionary(grouping: changes.keys.sorted(), by: { changes[$0] }) {
            guard let change else { continue }
            let names = balancers.map(\.description).joined(separator: ", ")
            let diff = DiffText.of(Diff("\(names): \(change.path)", before: change.before, after: change.after))
            if format == .table, !diff.isEmpty { terminal.write(diff: diff) }
            write(Line(kind: "poolFile", balancers: balancers, diff: diff, planned: isPlanned))
        }
    }

    /// Hosts and balancers that did not answer, and why nothing is done to them.
    func tellSilent(in plan: FleetPlan) {
        for fault in plan.unreachable {
            terminal.warn("\(fault.host): left alone: \(fault.message)")
            write("leftAlone", fault)
        }
        for (balancer, reason) in plan.silentBalancers.sorted(by: { $0.key < $1.key }) {
            terminal.warn("balancer \(balancer): \(reason)")
            write(Line(kind: "silent", balancers: [balancer], message: reason, planned: isPlanned))
        }
    }

    /// That `apply` would refuse, and why.
    func tell(_ shortage: FleetShortage) {
        terminal.warn("apply refuses: \(shortage.message)")
        for hint in shortage.hints { terminal.say("hint: \(hint)") }
        write(Line(kind: "refused", message: shortage.message, hints: shortage.hints, planned: isPlanned))
    }

    /// That something could not be done to a host.
    func tell(_ fault: RolloutFault) {
        terminal.show(fault)
        write("failed", fault)
    }

    /// That a host which left may still work, with what to do about it.
    func tellStillRunning(_ fault: RolloutFault, _ units: [String], hints: [String]) {
        let message =
            fault.kind == .unreachable
            ? "left the inventory, and could not be asked (\(fault.message)): it may still run "
            : "left the inventory, and its units were not stopped (\(fault.message)): it still runs "
        let text = message + units.joined(separator: ", ")
        terminal.warn("\(fault.host): \(text)")
        for hint in hints { terminal.say("hint: \(hint)") }
        write(
            Line(
                kind: "stillRunning", host: fault.host, units: units, message: text, hints: hints, planned: isPlanned))
    }

    /// That there is nothing yet which members could run.
    func tellNoBuild(on stage: String, after earlier: String?) {
        let command = earlier == nil ? "drover rollout \(stage) BUILD" : "drover promote --to \(stage)"
        terminal.say("no build yet on \(stage): \(command)")
        write(Line(kind: "noBuild", message: "no build yet on \(stage)", planned: isPlanned))
    }

    private func write(_ kind: String, _ fault: RolloutFault) {
        write(Line(kind: kind, host: fault.host, message: fault.message, hints: fault.hints, planned: isPlanned))
    }

    private func write(_ line: Line) {
        guard format == .json else { return }
        // Plain values always encode.
        if let text = try? EncodedJSON.line(line) { terminal.write(json: text) }
    }
}

extension FleetTeller.Line {
    fileprivate init(_ change: FleetChange, planned: Bool) {
        self.init(kind: change.kind, host: change.host, change: change.description, planned: planned)
        switch change {
        case .remove, .admit: break
        case .retire(_, let address, let units): (from, self.units) = (address, units)
        case .establish(let balancers): self.balancers = balancers
        case .rename(let old, let new): (from, to) = (old.description, new.description)
        case .start(_, let units): self.units = units
        case .deploy(_, let release, let running): (from, to) = (running?.description, release.description)
        }
    }
}
