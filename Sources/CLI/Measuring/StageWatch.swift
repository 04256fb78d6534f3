import Fleet
import Foundation
import Insight
import Inventories
import Rollouts
import Sampling
import Synchronization

/// Everything that can be seen of a stage over a window, all hosts at once.
struct StageWatch: Sendable {
    let site: StageSite
    let access: HostAccess
    let tiers: StageTiers

    init(_ site: StageSite, _ access: HostAccess) {
        (self.site, self.access) = (site, access)
        tiers = StageTiers(site, access.inventory)
    }

    /// The ways to every host of the stage.
    /// - Throws: As ``HostAccess/route(to:)``.
    func routes() throws -> [Route] { try tiers.hosts.map { try access.route(to: $0) } }

    /// What was seen of one host.
    typealias Seen = Result<WatchScript.Answer, TransportError>

    /// Watches from now on.
    func now(seconds: Int) async throws -> StageObservation {
        let begun = Int64(Date().timeIntervalSince1970)
        let script = WatchScript(seconds: seconds)
        let seen = try await each { transport, privilege throws(TransportError) in
            try await Self.watch(script, over: transport, privilege)
        }
        return observation(ObservationWindow(from: begun, to: Int64(Date().timeIntervalSince1970)), seen)
    }

    /// What agents kept of a window that is over.
    func past(_ span: HostHistory.Span) async throws -> StageObservation {
        let seen = try await each { transport, privilege throws(TransportError) in
            let history = try await HostHistory.ask(span, over: transport, privilege)
            guard let samples = history.samples else {
                throw TransportError(
                    .badAnswer, host: transport.host, "no history: it has no agent",
                    hints: ["an agent keeps a week of it: drover agent install"])
            }
            return WatchScript.Answer(samples: samples)
        }
        return observation(ObservationWindow(from: span.from, to: span.to), seen, hasHistory: true)
    }

    /// Does the same on every host at once, and hangs up.
    private func each(
        _ work: @escaping @Sendable (any Transport, Privilege) async throws(TransportError) -> WatchScript.Answer
    ) async throws -> [HostName: Seen] {
        let routes = try routes()
        let rights = StageRights()
        try Task.checkCancellation()
        let answers = await forEachBounded(routes) { [connections = access.connections] route in
            let seen = await Result { () async throws(TransportError) in
                let transport = try await connections.transport(to: route)
                return try await rights.look(over: transport) { privilege throws(TransportError) in
                    try await work(transport, privilege)
                }
            }
            return (route.host, seen)
        }
        await access.connections.closeAll()
        try Task.checkCancellation()
        return Dictionary(answers) { first, _ in first }
    }

    /// What is seen until a connection is lost counts, where it is enough for a sample.
    private static func watch(
        _ script: WatchScript, over transport: any Transport, _ privilege: Privilege
    ) async throws(TransportError) -> WatchScript.Answer {
        let output = CollectedOutput()
        let command = RemoteCommand(
            shell: script.text, privilege: privilege, deadline: .seconds(script.seconds + 45))
        let lost: TransportError?
        do throws(TransportError) {
            let result = try await transport.run(command) { stream, bytes in
                if stream == .output { output.add(bytes) }
            }
            lost =
                result.succeeded
                ? nil
                : TransportError(.badAnswer, host: transport.host, "it could not be watched: status \(result.status)")
        } catch {
            lost = error
        }
        let answer = WatchScript.answer(output.text, on: transport.host)
        if let lost, answer.samples.isEmpty { throw lost }
        return answer
    }

    // MARK: what it comes to

    private func observation(
        _ window: ObservationWindow, _ seen: [HostName: Seen], hasHistory: Bool = false
    ) -> StageObservation {
        // Who could not be asked is told of with the host.
        let all = seen.values.compactMap { try? $0.get() }.flatMap(\.services)
        // What is promised of pages is what clients get of the tier that answers them.
        let front = tiers.tiers.first { $0.pool != nil }?.name
        let tiers = tiers.tiers.map { tier in
            var observation = TierObservation(
                name: tier.name, role: tier.role,
                hosts: tier.hosts.map { host in
                    measurement(host, seen[host], hasHistory)
                })
            let hosts = Set(tier.hosts)
            observation.services = all.filter { hosts.contains($0.host) }
            let balancing = TierTrafficView(tier, all)
            (observation.members, observation.balancers) = (balancing.members, balancing.balancers)
            observation.objectives = tier.name == front ? site.stage.objectives : []
            return observation
        }
        return StageObservation(stage: site.stage.name, window: window, tiers: tiers)
    }

    private func measurement(_ host: HostName, _ seen: Seen?, _ hasHistory: Bool) -> HostMeasurement {
        switch seen {
        case .success(let answer):
            var measurement = HostMeasurement(host: host, samples: answer.samples, hasHistory: hasHistory)
            if let look = answer.look { measurement.take(look) }
            return measurement
        case .failure(let error): return HostMeasurement(host: host, error: error.message)
        case nil: return HostMeasurement(host: host, error: "it was not asked")
        }
    }
}

/// What a command has written so far.
private final class CollectedOutput: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    /// More than this no host's counters are.
    private static let most = 32 << 20

    func add(_ piece: [UInt8]) { bytes.withLock { if $0.count < Self.most { $0 += piece } } }

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
