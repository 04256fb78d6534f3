import Fleet
import Inventories

/// Asks the gates that a stage names: over HTTP through its balancers, on the hosts themselves, and by commands on this
/// machine.
struct StageGates: Sendable {
    let site: StageSite
    let build: BuildDigest
    /// Asks a host over the connection there is, so that its port need not be open to this machine.
    let releases: any ReleaseControl
    let web: any WebClient

    /// The stage's gates, ready to be asked. What balancers count is compared also where the file names no such gate; too few
    /// requests are no objection then.
    var gates: [Gate] {
        var settings = site.stage.gates
        let compares = settings.map { gate in
            switch gate {
            case .errors: (errors: true, latency: false)
            case .latency, .requests: (errors: false, latency: true)
            default: (errors: false, latency: false)
            }
        }
        if !compares.contains(where: \.errors) { settings.append(.errors(ErrorLimits(onNoData: .pass))) }
        if !compares.contains(where: \.latency) { settings.append(.latency(LatencyLimits(onNoData: .pass))) }
        return settings.flatMap(gates)
    }

    /// How long they may take beyond the bake, all told.
    var longest: Duration {
        let ends = site.stage.gates.map { gate -> Duration in
            if case .command(_, let timeout) = gate { timeout } else { .zero }
        }
        return ends.reduce(.zero, +) + (gates.map(\.wait).max() ?? .zero)
    }

    private func gates(_ settings: ServiceFile.Gate) -> [Gate] {
        guard case .objectives(let terms) = settings else { return gate(settings).map { [$0] } ?? [] }
        return objectiveGates(terms)
    }

    private func gate(_ settings: ServiceFile.Gate) -> Gate? {
        switch settings {
        case .page(let page): PageQuestion(page: page, site: site, releases: releases, web: web).gate
        case .command(let line, let timeout):
            Gate(name: line, watching: .atTheEnd) { hosts in await run(line, timeout, hosts) }
        case .errors(let limits): limits.map(Gate.errors)
        case .latency(let limits): limits.map(Gate.latency)
        case .requests(let settings): ownRequests(settings)
        case .objectives: nil
        case .resources(let settings): resources(settings)
        case .units(let settings): units(settings)
        case .log(let settings): log(settings)
        }
    }

    private func run(_ line: String, _ timeout: Duration, _ hosts: [HostName]) async -> (Verdict, reason: String) {
        let members = site.pool.members.filter { hosts.contains($0.host) }.map(\.address)
        return await CommandGate(
            line: line, folder: site.file.folder,
            environment: [
                "DROVER_STAGE": site.stage.name, "DROVER_BUILD": build.file.description,
                "DROVER_HOSTS": members.joined(separator: " "),
                "DROVER_BALANCERS": site.balancerAddresses.joined(separator: " "),
            ], timeout: timeout
        ).ask()
    }
}
