import Fleet
import Sampling

/// What a tier's hosts have in memory that they use again and again, against the memory they have.
///
/// Refaults tell that memory is short, not by how much: the estimate grows what is cached by half, and more where much is read
/// again.
struct WorkingSet: Sendable {
    /// Bytes of one host's memory, on average; `nil` where it is not known.
    let memory: Double?
    /// Bytes that programs hold, on average.
    let held: Double?
    /// Bytes of file pages in use, on average: the active ones.
    let active: Double?
    /// All file pages that are cached.
    let cached: Double?
    /// Bytes a second that are read again because they had been dropped; 0 where memory suffices.
    let again: Double
    /// Share of what is asked for that is there, of a cache that counts.
    let hits: Double?
    /// Bytes of a service's own cache on each host.
    let serviceCache: Double?
    let hosts: Int

    init(_ figures: TierFigures) {
        func mean(_ metric: Metric) -> Double? {
            TierFigures.mean(figures.seen.compactMap { $0.latest(metric) }).map { max(0, $0) * 1024 }
        }
        memory = mean(.memoryTotal)
        held = mean(.memoryAnonymous)
        active = mean(.memoryActiveFile)
        cached = mean(.memoryCached) ?? mean(.memoryActiveFile)
        again = TierFigures.mean(figures.seen.compactMap(\.bytesReadAgain)) ?? 0
        hosts = figures.inService
        var hits: [Double] = []
        var caches: [Double] = []
        for service in figures.tier.services {
            switch service.figures {
            case .memcached(let cache):
                hits += [cache.hitShare].compactMap(\.self)
                caches.append(cache.limitBytes)
            case .maria(let maria):
                hits += [maria.missShare.map { 1 - $0 }].compactMap(\.self)
                caches += [maria.poolBytes].compactMap(\.self)
            case .varnish(let varnish):
                hits += [varnish.hitShare].compactMap(\.self)
                caches += [varnish.bytes].compactMap(\.self)
            default: break
            }
        }
        self.hits = TierFigures.mean(hits)
        serviceCache = TierFigures.mean(caches)
    }

    /// Whether what is used does not fit.
    var isShort: Bool { again >= Threshold.refaults * 4096 || (hits ?? 1) < Threshold.goodHits && serviceCache != nil }

    /// Bytes for which one host has room beside what programs hold: the service's own cache, or the page cache.
    var room: Double? {
        if let serviceCache, serviceCache > 0 { return serviceCache }
        guard let memory else { return cached }
        return max(memory * 0.05, memory - (held ?? 0))
    }

    /// Bytes that are used again and again on one host, as estimated.
    var needed: Double? {
        guard let room else { return nil }
        guard isShort else { return serviceCache ?? (active ?? cached) }
        // Half as much more, or what was missed as much more as is missed.
        let factor = max(1.5, min(4, 1 / max(0.25, hits ?? 1)))
        return room * factor
    }

    /// Hosts of today's size among which what is used fits: N = ⌈working set ÷ cache of a host⌉.
    func hostEstimate(spare: Int) -> HostEstimate? {
        guard hosts > 0, let room, let needed, room > 0, room.isFinite, needed.isFinite else { return nil }
        let all = needed * Double(hosts)
        func count(_ bytes: Double) -> Int {
            Int(min(max((bytes / room - 1e-9).rounded(.up), 1), 1e6)) + max(0, min(spare, 1000))
        }
        return HostEstimate(
            now: hosts, needed: count(all), low: count(all * (isShort ? 0.8 : 0.6)),
            high: count(all * (isShort ? 2 : 1.2)),
            isAtLeast: isShort, formula: "N = ⌈working set ÷ cache of a host⌉ + k",
            assumptions: [
                "each host keeps a part of the data",
                isShort
                    ? "it is not seen by how much memory is short: half as much more, then measure again"
                    : "what is active now is what is used",
            ],
            arithmetic: [
                "working set about \(text(all)) on \(hosts.of("host")), cache of a host \(text(room))",
                "⌈\(text(all)) ÷ \(text(room))⌉ + \(spare) = \(count(all))",
            ])
    }

    func memoryMessage(in tier: TierObservation) -> String {
        let what = serviceCache != nil ? "the service's cache" : "each of its hosts"
        guard let room, let needed else { return "more memory for \(what)" }
        let heap = (held ?? 0) >= 0.6 * (memory ?? .infinity) ? "; programs hold \(text(held ?? 0)) of it" : ""
        return
            "about \(text(max(0, needed - room))) more memory for \(what) (now \(text(room))), then measure again\(heap)"
    }

    private func text(_ bytes: Double) -> String { FigureText.of(bytes, "bytes") }
}
