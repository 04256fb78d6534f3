import Fleet
import Playbooks
import Rollouts
import TaskModules

/// Shows what `plan` and `apply` do to a stage's pool: lines for people, or one JSON object a line on standard output.
struct FleetReporter: Sendable {
    let terminal: Terminal
    let format: OutputFormat
    let site: StageSite
    /// Whether nothing is done, only shown.
    let isPlanned: Bool

    private var stage: String { site.stage.name }
    /// What a host runs before it leaves.
    private var hooks: [String] { site.file.retirement.commands }

    /// What `apply` would do, and what stands against it.
    func tell(_ plan: StagePlan) {
        for error in plan.fleet.unreachable { tellLeftAlone(error) }
        for (balancer, reason) in plan.fleet.silentBalancers.sorted(by: { $0.key < $1.key }) {
            tellSilent(balancer, reason)
        }
        for change in plan.fleet.changes { tell(change) }
        tell(plan.fleet.keptOut)
        tell(plan.fleet.fileChanges)
        tell(plan.fleet.rehearsals)
        if let balance = plan.fleet.balance { tell(balance) }
        for changes in plan.fleet.fileChangesOfTiers { tell(changes) }
        if let change = plan.settings { tell(change) }
        for balancer in plan.leftOut {
            terminal.warn(
                "balancer \(balancer.balancer) was left out by \(balancer.by) at \(balancer.since): \(balancer.reason); it is "
                    + "made what the others are before anything else")
        }
        if let shortage = plan.fleet.shortage { tell(shortage) }
        if plan.build == nil { tellNoBuild() }
    }

    /// A change that is planned, or about to be made.
    func tell(_ change: FleetChange) {
        if format == .json {
            var line = line(change.kind.rawValue)
            (line.host, line.change) = (change.host, FleetAnswer.Change(change))
            if change.kind == .retire, !hooks.isEmpty { line.change?.before = hooks }
            return write(line)
        }
        let before = change.kind == .retire ? hooks.map { "run '\($0)', " }.joined() : ""
        let text = "\(change.host?.description ?? "pool \(site.pool.name)"): \(before)\(change.words)"
        isPlanned ? terminal.write(text) : terminal.say(text)
    }

    /// Which variables of the service change, never what they are.
    func tell(_ change: SettingsChange) {
        if format == .json {
            var line = line("settings")
            line.settings = FleetAnswer.Settings(change)
            return write(line)
        }
        let text = "settings: \(change.words), as release \(change.release), batch by batch"
        isPlanned ? terminal.write(text) : terminal.say(text)
    }

    /// Who stays out of rotation by somebody's hand, and what brings them back.
    func tell(_ keptOut: [HostName: KeptOut]) {
        let hosts = keptOut.sorted { $0.key < $1.key }
        for (host, kept) in hosts.prefix(10) { terminal.warn("\(host): \(kept.words), and stays out of rotation") }
        if hosts.count > 10 { terminal.warn("\(hosts.count - 10) more stay out of rotation by hand") }
        guard !hosts.isEmpty else { return }
        let hint = "they are let in again with: \(HandWords.undrain(hosts.map(\.key), stage))"
        terminal.tell(hint: hint)
        for (host, kept) in hosts {
            var line = line("keptOut")
            (line.host, line.message, line.hints) = (host, kept.words, [hint])
            write(line)
        }
    }

    /// How the pool's file changes: each difference once, with the balancers that it is made on.
    private func tell(_ changes: [HostName: PoolFileChange]) {
        for (change, balancers) in Dictionary(grouping: changes.keys.sorted(), by: { changes[$0] }) {
            guard let change else { continue }
            let names = balancers.map(\.description).joined(separator: ", ")
            let diff = DiffText.of(Diff("\(names): \(change.path)", before: change.before, after: change.after))
            if format == .table, !diff.isEmpty { terminal.write(diff: diff) }
            var line = line("poolFile")
            (line.balancers, line.diff) = (balancers, diff)
            write(line)
        }
    }

    /// That a host did not answer, and nothing is done to it.
    func tellLeftAlone(_ error: RolloutError) {
        terminal.warn("\(error.host): left alone: \(error.message)")
        write("leftAlone", error)
    }

    /// That a balancer cannot be asked.
    func tellSilent(_ balancer: HostName, _ reason: String) {
        terminal.warn("balancer \(balancer): \(reason)")
        var line = line("silent")
        (line.balancers, line.message) = ([balancer], reason)
        write(line)
    }

    /// That `apply` would refuse, and why.
    private func tell(_ shortage: FleetShortage) {
        terminal.warn("apply refuses: \(shortage.message)")
        for hint in shortage.hints { terminal.tell(hint: hint) }
        var line = line("refused")
        (line.message, line.hints) = (shortage.message, shortage.hints)
        write(line)
    }

    /// What went wrong on a host that left, and was retired all the same.
    func tellGoneOn(_ error: RolloutError) {
        terminal.warn("\(error.host): retired all the same: \(error.message)")
        for text in error.detail { terminal.say("  \(text)") }
        write("goneOn", error)
    }

    /// That something could not be done to a host.
    func tell(_ error: RolloutError) {
        terminal.show(error)
        write("failed", error)
    }

    /// That a host which left may still work, with what to do about it.
    func tell(_ left: StillRunning) {
        let (text, hints) = (left.words, left.hints(stage))
        terminal.warn("\(left.host): \(text)")
        for hint in hints { terminal.tell(hint: hint) }
        var line = line("stillRunning")
        (line.host, line.units, line.message, line.hints) = (left.host, left.units, text, hints)
        write(line)
    }

    /// That there is nothing yet which members could run.
    func tellNoBuild() {
        let command = site.stage.after == nil ? "drover rollout \(stage) BUILD" : "drover promote --to \(stage)"
        terminal.say("no build yet on \(stage): \(command)")
        var line = line("noBuild")
        line.message = "no build yet on \(stage)"
        write(line)
    }

    // MARK: JSON

    func line(_ kind: String) -> FleetAnswer { FleetAnswer(kind: kind, planned: isPlanned) }

    private func write(_ kind: String, _ error: RolloutError) {
        var line = line(kind)
        (line.host, line.message, line.hints) = (error.host, error.message, error.hints)
        write(line)
    }

    func write(_ line: FleetAnswer) {
        guard format == .json else { return }
        // Plain values always encode.
        if let text = try? EncodedJSON.line(line) { terminal.write(json: text) }
    }
}

/// An event of `plan` and `apply` about a stage's pool, as programs read it.
struct FleetAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "fleet", "What is done to a stage's pool, or stands against it",
        [
            .always("event", .word(["fleet"]), "always the same"),
            .always("kind", .word(kinds), "what it is: a change, or what is said of the pool"),
            .always("planned", .flag, "whether nothing is done, only shown"),
            .maybe("host", .text, "the host that it is about"),
            .maybe("balancers", .list(.text), "the balancers that it is about"),
            .maybe("units", .list(.text), "units that may still run"),
            .maybe("change", .object(Change.fields), "a change, as data"),
            .maybe("settings", .object(Settings.fields), "which variables change, of `settings`"),
            .maybe("membership", .object(Membership.fields), "what balancers are told, of `membership`"),
            .maybe("remainder", .object(Remainder.fields), "how far an apply came that did not end, of `remainder`"),
            .maybe("headcount", .object(Headcount.fields), "who serves, who would and who must, of `headcount`"),
            .maybe("diff", .text, "how the balancers' file changes, of `poolFile` and `membership`"),
            .maybe("message", .text, "one sentence for people"),
            .maybe("hints", .list(.text), "what to do about it"),
        ])

    private static let kinds =
        FleetChange.Kind.allCases.map(\.rawValue) + [
            "settings", "poolFile", "membership", "headcount", "keptOut", "leftAlone", "silent", "refused", "failed",
            "goneOn", "stillRunning", "noBuild", "remainder",
        ]

    /// What a change makes of what.
    struct Change: Encodable {
        let kind: FleetChange.Kind
        /// What is now: the release that runs, the name that the machine has, the address that the units run at.
        var from: String?
        /// What is to be: the build's release, the machine's new name.
        var to: String?
        var units: [String]?
        var balancers: [HostName]?
        /// What the host runs before.
        var before: [String]?

        static let fields: [Shape.Field] = [
            .always("kind", .word(FleetChange.Kind.self), "what is done"),
            .maybe("from", .text, "what is now: a release, a name, an address"),
            .maybe("to", .text, "what is to be: a release, a name"),
            .maybe("units", .list(.text), "units that are started or stopped"),
            .maybe("balancers", .list(.text), "balancers whose settings are brought about"),
            .maybe("before", .list(.text), "what a host that is retired runs before its units stop"),
        ]
    }

    /// The names of variables that change.
    struct Settings: Encodable {
        let release: ReleaseID
        let added, changed, removed: [String]

        init(_ change: SettingsChange) {
            (release, added, changed, removed) = (change.release, change.added, change.changed, change.removed)
        }

        fileprivate static let fields: [Shape.Field] = [
            .always("release", .text, "the release that is to have them"),
            .always("added", .list(.text), "names of variables that it has and what runs has not"),
            .always("changed", .list(.text), "names of variables whose values are others"),
            .always("removed", .list(.text), "names of variables that it has no more"),
        ]
    }

    let event = "fleet"
    let kind: String
    var host: HostName?
    var balancers: [HostName]?
    var units: [String]?
    var change: Change?
    var settings: Settings?
    /// What balancers are told.
    var membership: Membership?
    /// Who serves, who would, and who must.
    var headcount: Headcount?
    /// How far an apply came.
    var remainder: Remainder?
    /// How the balancers' file changes.
    var diff: String?
    var message: String?
    var hints: [String]?
    let planned: Bool

    init(kind: String, planned: Bool) { (self.kind, self.planned) = (kind, planned) }
}

extension FleetAnswer.Change {
    init(_ change: FleetChange) {
        self.init(kind: change.kind)
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

extension SettingsChange {
    /// The names of the variables, with what becomes of them: `+NEW ~OTHER -GONE`.
    var words: String {
        (added.map { "+\($0)" } + changed.map { "~\($0)" } + removed.map { "-\($0)" }).joined(separator: " ")
    }
}
