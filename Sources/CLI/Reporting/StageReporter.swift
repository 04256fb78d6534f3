import Fleet
import Rollouts

/// Shows what happens to a stage while it is looked at or changed.
final class StageReporter: Sendable {
    let terminal: Terminal
    let site: StageSite
    private let rollout: RolloutReporter
    private let fleet: FleetReporter

    init(_ terminal: Terminal, _ format: OutputFormat, _ site: StageSite) {
        self.terminal = terminal
        self.site = site
        rollout = RolloutReporter(terminal, format)
        fleet = FleetReporter(terminal: terminal, format: format, site: site, isPlanned: false)
    }

    /// Shows one event.
    func tell(_ event: StageEvent) {
        switch event {
        case .recorded(let run, let entry): rollout.tell(run, entry)
        case .upgraded(let hosts, let folder): tellUpgraded(hosts, folder)
        case .unnoted(let error):
            terminal.warn("hosts were not told what was done: \(error?.message ?? "no reason given")")
            let remedy = "drover apply \(site.stage.name)"
            terminal.tell(hint: "whoever has no journal of this run learns of it after the next '\(remedy)'")
        case .stillLeftOut(let balancer, let error):
            terminal.warn("\(balancer), left out earlier, still does not answer: \(error.message)")
        case .foreignSettings(let balancers): tellForeignSettings(balancers)
        case .stayingOut(let stopped, let keptOut): tellStayingOut(stopped, keptOut)
        case .standing(let hosts): for host in hosts { terminal.say(Self.words(host)) }
        case .givenUp(let state, let isTakenOver): tellGivenUp(state, isTakenOver)
        case .changing(let change): fleet.tell(change)
        case .leftAlone(let error): fleet.tellLeftAlone(error)
        case .silent(let balancer, let reason): fleet.tellSilent(balancer, reason)
        case .failed(let error): fleet.tell(error)
        case .goneOn(let error): fleet.tellGoneOn(error)
        case .remainder(let remainder): fleet.tell(remainder)
        case .stillRunning(let left): fleet.tell(left)
        case .bringing(let transfer, let isDone): tellBringing(transfer, isDone)
        case .unavailable(let error):
            terminal.warn("cannot have the build from there: \(ErrorReport(error))")
        case .useUnnoted(let error):
            terminal.warn(
                "where builds are shared nobody was told what \(site.stage.name) runs: \(ErrorReport(error))")
        case .changingSettings(let change): fleet.tell(change)
        case .noBuild: fleet.tellNoBuild()
        case .watchingLease, .takenBack, .goingBack, .rehearsing, .rehearsed, .sendingWhole, .signed:
            if let text = Self.sentence(event) { terminal.say(text) }
        }
    }

    /// What is told in a line and no more; `nil` for what is told otherwise.
    private static func sentence(_ event: StageEvent) -> String? {
        switch event {
        case .watchingLease(let lease, let time):
            "watching for a heartbeat of \(lease.holder), whose lease ends at \(lease.expiresAt), for \(time.inSeconds)"
        case .takenBack(let balancer, let reason):
            "\(balancer): was left out (\(reason)), and now serves what the others do"
        case .goingBack(let build, let reason): "going back means build \(build): \(reason)"
        case .rehearsing(let build, let before):
            "rehearsing the rollback from build \(build.release) to \(before.release)"
        case .rehearsed(let build, let time):
            "rollback proven in \(time.inSeconds): build \(build.release) can be gone back from"
        case .sendingWhole(let error): "\(error.host): \(([error.message] + error.hints).joined(separator: "; "))"
        case .signed(let build, let signer): "build \(BuildLabel(build)) is signed by \(signer)"
        default: nil
        }
    }

    /// Says every now and then what is being waited for, so that nothing is silent for long.
    func keepTalking() async { await rollout.keepTalking() }

    // MARK: words

    private func tellBringing(_ transfer: BuildTransfer, _ isDone: Bool) {
        let size = transfer.size.map { ", \(ByteCount(Int($0)))" } ?? ""
        let build = transfer.label
        terminal.say(
            isDone
                ? "build \(build) fetched from \(transfer.source)\(size)"
                : "fetching build \(build) from \(transfer.source)\(size)")
    }

    private func tellUpgraded(_ hosts: [HostName], _ folder: String) {
        terminal.say("an earlier version's state on \(NodeSet.text(hosts)) was brought to the present format")
        terminal.tell(
            hint: "that version is refused there from now on; to go back to it, remove \(folder) on those hosts")
    }

    private func tellForeignSettings(_ balancers: [HostName]) {
        let place = balancers.isEmpty ? "the balancers" : balancers.map(\.description).joined(separator: ", ")
        let stage = site.stage.name
        terminal.warn("the pool's settings on \(place) are not those of \(site.file.path): used as they are")
        terminal.tell(hint: "see them with 'drover plan \(stage)', bring them with 'drover apply \(stage)'")
    }

    private func tellStayingOut(_ stopped: [HostName: UnitStop], _ keptOut: [HostName: KeptOut]) {
        let now = Controller.this.now()
        for (host, stop) in stopped.sorted(by: { $0.key < $1.key }).prefix(10) {
            terminal.warn("\(host): stopped \(Age.words(now - stop.since)) by \(stop.by), and left alone")
        }
        if stopped.count > 10 { terminal.warn("\(stopped.count - 10) more were stopped, and are left alone") }
        if !stopped.isEmpty {
            terminal.tell(hint: "members come back into the pool with: drover apply \(site.stage.name)")
        }
        fleet.tell(keptOut)
    }

    private static func words(_ host: HostStanding) -> String {
        let places = host.places.map { place in
            let state =
                switch place.state {
                case .running(let state): state.rawValue
                case .absent: "absent"
                case .unknown: "unknown"
                case .leftOut: "unknown (left out)"
                }
            return "\(state) on \(place.balancer)"
        }
        return "\(host.host): \(places.joined(separator: ", "))"
    }

    private func tellGivenUp(_ state: RolloutState, _ isTakenOver: Bool) {
        let left = RolloutWords.left(state)
        terminal.tell(left.isEmpty ? "no host was left half done" : "left as they were:")
        for line in left { terminal.tell("    \(line)") }
        if !isTakenOver { terminal.tell(hint: Self.waysOn(site.stage.name)) }
    }

    static func waysOn(_ stage: String) -> String {
        "drover rollout resume \(stage), or drover rollback \(stage)"
    }
}
