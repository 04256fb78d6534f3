import Fleet
import Insight
import Rollouts
import Sampling
import Synchronization

/// What every host of a stage said last, shown at one pace whoever is late.
final class TopBoard: Sendable {
    private let stage: String
    private let tiers: StageTiers
    private let only: Set<HostName>?
    private let screen: TopScreen
    private let seen = Mutex<[HostName: TopAnswer.Seen]>([:])
    /// Hosts of which something is known, a failure included.
    private let heard = Doorbell()

    init(_ stage: String, _ tiers: StageTiers, _ only: Set<HostName>?, _ screen: TopScreen) {
        (self.stage, self.tiers, self.only, self.screen) = (stage, tiers, only, screen)
    }

    /// Shows the stage until cancelled, or `count` times.
    func run(_ sampling: LiveSampling, pace: Duration, count: Int?) async -> ExitStatus {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await sampling.run { self.note($0, of: sampling.routes.count) } }
            group.addTask { await self.draw(pace: pace, count: count) }
            // Who draws ends it.
            await group.next()
            group.cancelAll()
        }
        return seen.withLock { seen in seen.values.contains { $0.error == nil } } ? .done : .failed
    }

    private func note(_ event: SamplingEvent, of count: Int) {
        let known = seen.withLock { seen in
            switch event {
            case .sample(let host, _, let sample, let services):
                var own = seen[host] ?? TopAnswer.Seen()
                (own.sample, own.error) = (sample, nil)
                // What is asked more seldom stays until it is asked again.
                let kinds = Set(services.compactMap(\.figures).map(\.kind))
                own.services = services + own.services.filter { $0.figures.map { !kinds.contains($0.kind) } ?? false }
                seen[host] = own
            case .failed(let host, let error):
                seen[host, default: TopAnswer.Seen()].error = error.message
            }
            return seen.count
        }
        if known == count { heard.ring() }
    }

    /// The first time as soon as every host has said something, or two paces have passed.
    private func draw(pace: Duration, count: Int?) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.heard.wait() }
            // Cut short when every host has been heard of.
            group.addTask { try? await Task.sleep(for: pace * 2 + .seconds(2)) }
            await group.next()
            group.cancelAll()
        }
        var left = count ?? .max
        while !Task.isCancelled {
            screen.show(TopAnswer(stage, tiers, at: Controller.this.now(), seen.withLock(\.self), only: only))
            left -= 1
            guard left > 0 else { return }
            // Cancelled when nobody watches any more.
            guard (try? await Task.sleep(for: pace)) != nil else { return }
        }
    }
}

extension ServiceFigures {
    /// Which service it is.
    var kind: ServiceKind {
        switch self {
        case .haproxy: .haproxy
        case .nginx: .nginx
        case .varnish: .varnish
        case .memcached: .memcached
        case .rabbit: .rabbitmq
        case .maria: .mariadb
        }
    }
}
