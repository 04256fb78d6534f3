import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover status [STAGE]`
    struct Status: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "What every host runs and every balancer serves, asked now.")

        @Argument(help: "Only this stage.") var stage: String?
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let names = try stage.map { [try file.stage($0).name] } ?? file.stages.map(\.name)
            var answers: [StageAnswer] = []
            for name in names {
                let session = try await StageSession(file, stage: name, connection, format.format, seams)
                answers.append(try await StageAnswer.ask(session))
                await session.site.close()
            }
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answers))
            case .table: for answer in answers { show(answer, seams.terminal) }
            }
            return .done
        }

        private func show(_ answer: StageAnswer, _ terminal: Terminal) {
            terminal.write("stage \(answer.stage): build \(answer.build.map { String($0.prefix(12)) } ?? "none yet")")
            if let unfinished = answer.unfinished {
                terminal.warn("run \(unfinished.run) (\(unfinished.kind)) is unfinished, begun by \(unfinished.holder)")
                terminal.say("hint: drover rollout resume \(answer.stage), or drover rollback \(answer.stage)")
            }
            if let lease = answer.lease { terminal.write("lease: \(lease)") }
            var table = Table("HOST", "RELEASE", "UNITS", "BALANCERS", "")
            for host in answer.hosts {
                let units = host.units.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                let pools = host.balancers.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                table.add(
                    host.host.description, host.release ?? "-", units.joined(separator: " "),
                    pools.joined(separator: " "), host.remark ?? "")
            }
            terminal.write(table.text())
            for (balancer, fault) in answer.silentBalancers.sorted(by: { $0.key < $1.key }) {
                terminal.warn("\(balancer): \(fault)")
            }
        }
    }
}

/// A stage as it is.
struct StageAnswer: Encodable {
    struct Host: Encodable {
        let host: HostName
        let release: String?
        let units: [String: String]
        let balancers: [String: String]
        let remark: String?
    }

    let stage: String
    let build: String?
    let previous: String?
    let lease: String?
    let unfinished: RunAnswer?
    let hosts: [Host]
    let silentBalancers: [String: String]

    /// Asks the journal, the hosts and the balancers. Changes nothing.
    static func ask(_ session: StageSession) async throws -> Self {
        let site = session.site
        let name = site.stage.name
        let sight = await FleetSight.take(
            of: site.pool, releases: site.releases(token: 0, builds: session.builds), traffic: try await site.traffic())
        let record = try await session.journal.stage(name)
        let lease = try await session.journal.lease(stage: name)
        let isHeld = lease.map { $0.expiresAt > Controller.now() && !Controller.isDead($0) } ?? false
        let open = try await session.journal.runs(stage: name, limit: 50).first { $0.isOpen && $0.kind.isRollout }
        var silent: [String: String] = [:]
        for view in sight.balancers { silent[view.balancer.description] = view.fault }
        return Self(
            stage: name, build: record?.current, previous: record?.previous,
            lease: isHeld ? lease.map { "held by \($0.holder) until \($0.expiresAt)" } : nil,
            unfinished: isHeld ? nil : open.map(RunAnswer.init),
            hosts: hosts(site.pool, sight, record?.current), silentBalancers: silent)
    }

    private static func hosts(_ pool: Pool, _ sight: FleetSight, _ build: String?) -> [Host] {
        let extra = pool.changes(from: sight.balancers).leaving
        return (pool.members.map(\.host) + extra).map { host in
            let survey = sight.hosts[host]?.survey
            return Host(
                host: host, release: survey?.release?.description, units: survey?.units ?? [:],
                balancers: states(of: host, sight.balancers), remark: remark(sight.hosts[host], build))
        }
    }

    private static func states(of host: HostName, _ views: [BalancerView]) -> [String: String] {
        views.reduce(into: [:]) { states, view in
            guard view.fault == nil else { return }
            let running = view.running.first { $0.host == host }
            states[view.balancer.description] = running?.state.rawValue ?? "absent"
        }
    }

    private static func remark(_ sight: HostSight?, _ build: String?) -> String? {
        switch sight {
        case .silent(let fault): return fault.message
        case nil: return "not in the inventory"
        case .answered(let survey):
            if survey.isUnconfirmed {
                return survey.goesBack ? "unconfirmed: goes back by itself" : "unconfirmed, and stays so"
            }
            guard let build, let release = survey.release, !build.hasPrefix(release.description) else { return nil }
            return "not the stage's build"
        }
    }
}
