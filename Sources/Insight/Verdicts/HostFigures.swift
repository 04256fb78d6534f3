import Fleet
import Sampling

/// What one host's samples come to over a window.
struct HostFigures: Sendable {
    let host: HostMeasurement
    let window: ObservationWindow
    /// Seconds that the samples cover.
    let seconds: Double

    init(_ host: HostMeasurement, in window: ObservationWindow) {
        self.host = host
        self.window = window
        seconds = host.samples.reduce(0) { $0 + Self.weight($1) }
    }

    var name: String { host.host.description }
    /// Whether there is enough to say anything.
    var isSeen: Bool { host.error == nil && seconds >= Threshold.leastSeconds }
    var isContainer: Bool { host.samples.last?.scope == .controlGroup }

    /// Samples of no length, or of none that can be, count nothing.
    private static func weight(_ sample: Sample) -> Double {
        sample.interval.isFinite && sample.interval > 0 ? min(sample.interval, 86400) : 0
    }

    /// The mean by time of those samples that know it.
    func mean(_ value: (Sample) -> Double?) -> Double? {
        var (sum, weight) = (0.0, 0.0)
        for sample in host.samples {
            guard let found = value(sample), found.isFinite else { continue }
            sum += found * Self.weight(sample)
            weight += Self.weight(sample)
        }
        return weight > 0 ? sum / weight : nil
    }

    subscript(metric: Metric) -> Double? { mean { $0[metric] } }

    /// What the last sample that knows it has: of figures that are a state.
    func latest(_ metric: Metric) -> Double? { host.samples.reversed().lazy.compactMap { $0[metric] }.first }

    // MARK: processors

    /// Processors' worth of time in use.
    var busy: Double? {
        self[.busyProcessors] ?? cpuShare.flatMap { share in self[.allowedProcessors].map { share * $0 / 100 } }
    }

    var allowed: Double? { self[.allowedProcessors].flatMap { $0 > 0 ? $0 : nil } }

    /// Share of the processors it may use that it uses, in percent. Waiting for disks is not using them.
    var cpu: Double? {
        if let busy = self[.busyProcessors], let allowed { return min(100, max(0, 100 * busy / allowed)) }
        return cpuShare
    }

    private var cpuShare: Double? {
        let used = mean { sample in
            guard let user = sample[.user], let system = sample[.system] else {
                return sample[.idle].map { 100 - $0 - (sample[.iowait] ?? 0) - (sample[.steal] ?? 0) }
            }
            return user + system + (sample[.nice] ?? 0)
        }
        return used.map { min(100, max(0, $0)) }
    }

    // MARK: disks

    /// The disk that is busiest, by its mean utilisation.
    var busiestDisk: (name: String, utilisation: Double, wait: Double)? {
        let names = Set(host.samples.flatMap { $0.disks.map(\.name) }).sorted()
        let disks = names.map { name in
            func mean(_ value: (DiskSample) -> Double) -> Double {
                self.mean { sample in sample.disks.first { $0.name == name }.map(value) } ?? 0
            }
            return (name, mean(\.utilisation), mean(\.wait))
        }
        return disks.max { $0.1 < $1.1 }
    }

    /// How long the disk's requests take when there is little to do.
    func usualWait(of disk: String) -> Double? {
        host.usual?.disks.first { $0.name == disk }.map(\.wait).flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
    }

    /// Bytes a second that were read from disks; `nil` where disks are not the host's to see.
    var bytesRead: Double? {
        if let sectors = self[.sectorsRead] { return sectors * 512 }
        let disks = mean { $0.disks.isEmpty ? nil : $0.disks.reduce(0) { $0 + $1.readKiB } }
        return (disks ?? self[.pagedIn]).map { $0 * 1024 }
    }

    /// Bytes a second that were read again since they had been dropped: pages are of 4 KiB.
    var bytesReadAgain: Double? { self[.refaults].map { $0 * 4096 } }

    // MARK: network

    /// Segments sent again, in percent of those sent.
    var retransmitShare: Double? {
        guard let again = self[.retransmits], let sent = self[.segmentsOut], sent > 0 else { return nil }
        return min(100, 100 * again / sent)
    }

    /// A figure as evidence.
    func evidence(
        _ figure: String, _ value: Double?, _ unit: String = "", limit: Double? = nil, remark: String? = nil
    ) -> [FigureEvidence] {
        guard let value else { return [] }
        return [
            FigureEvidence(figure, value, unit: unit, limit: limit, of: name, window: window, remark: remark)
        ]
    }
}
