import Fleet
import Insight
import Sampling

/// What comes of reading one host again and again.
enum SamplingEvent: Sendable {
    /// What it, and its services, did since the last reading; the first is number 1.
    case sample(HostName, number: Int, Sample, services: [ServiceObservation])
    /// It could not be read.
    case failed(HostName, TransportError)
}

/// Reads the counters of many hosts over SSH, all at one pace, each over one connection that is kept.
struct LiveSampling: Sendable {
    /// Where the hosts are.
    let routes: [Route]
    let connections: Connections
    /// The time between two readings.
    let pace: Duration
    /// How many samples each host gives; `nil` for as long as somebody listens.
    var count: Int?
    /// Whether a host that could not be read is tried again.
    var persists = false
    /// Asks a host, at its first look, its second and so on.
    var ask: @Sendable (any Transport, _ round: Int) async throws(TransportError) -> HostGlance = {
        transport, _ throws(TransportError) in
        try await HostGlance.ask(.counters, over: transport)
    }

    /// Reads until every host has given its samples, or the task is cancelled. `tell` is called from any thread.
    func run(_ tell: @escaping @Sendable (SamplingEvent) -> Void) async {
        let begun = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for route in routes { group.addTask { await follow(route, from: begun, tell) } }
        }
    }

    private func follow(
        _ route: Route, from begun: ContinuousClock.Instant, _ tell: @Sendable (SamplingEvent) -> Void
    ) async {
        var last: HostGlance?
        var asked: [ServiceKind: ServiceAnswer] = [:]
        var (number, round) = (0, 0)
        while !Task.isCancelled {
            do throws(TransportError) {
                let glance = try await ask(try await connections.transport(to: route), round)
                round += 1
                let sample = last.flatMap { Sample(from: $0.reading, to: glance.reading) }
                let services = glance.services.observations(since: Array(asked.values), on: route.host)
                for answer in glance.services { asked[answer.kind] = answer }
                last = glance
                if let sample {
                    number += 1
                    tell(.sample(route.host, number: number, sample, services: services))
                    if number == count { return }
                }
            } catch {
                if Task.isCancelled { return }
                tell(.failed(route.host, error))
                guard persists else { return }
                last = nil
            }
            guard await wait(from: begun) else { return }
        }
    }

    /// Waits for the next moment that is a whole number of paces after the beginning.
    /// - Returns: Whether it came.
    private func wait(from begun: ContinuousClock.Instant) async -> Bool {
        let paces = ((ContinuousClock.now - begun) / pace).rounded(.down) + 1
        let next = begun + pace * paces
        // Cancelled when nobody listens any more.
        return (try? await Task.sleep(until: next, clock: .continuous)) != nil
    }
}
