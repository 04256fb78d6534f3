/// The share of its traffic that a host asks its balancer for, from the processor time that is left to it.
///
/// All of it while it is busy by no more than 60 percent, in a straight line down to a fifth at 95 percent and more: never
/// nothing, which would take the host out. In steps of five; down at once, so that a host in need is helped soon, and up
/// only after the room has been there for a minute, so that noise does not make the balancer turn traffic to and fro.
public struct HeadroomWeight: Sendable {
    /// What is answered now, in percent.
    public private(set) var percent = 100
    /// How busy the host was lately, in percent: a mean in which ten seconds ago counts a third.
    public private(set) var busy: Double?

    private var roomSince = 0.0

    private static let (comfortable, full) = (60.0, 95.0)
    private static let (least, most) = (20, 100)
    private static let step = 5
    private static let smoothing = 10.0
    /// How far the answer must be from what fits before it is changed, and for how many seconds before it goes up; further
    /// steps up follow one another sooner.
    private static let margin = 10.0
    private static let (patience, nextPatience) = (60.0, 5.0)

    /// Before the first sample the host asks for all.
    public init() {}

    /// Counts a sample in.
    public mutating func take(_ sample: Sample) {
        guard let now = Self.busy(in: sample), sample.interval > 0, sample.interval.isFinite else { return }
        let share = sample.interval / (Self.smoothing + sample.interval)
        let mean = busy.map { $0 + (now - $0) * share } ?? now
        busy = mean
        let wanted = Self.weight(at: mean)
        if wanted <= Swift.max(Double(percent) - Self.margin, Double(Self.least)), percent > Self.least {
            percent = Swift.max(Self.least, Self.stepped(wanted))
            roomSince = 0
        } else if wanted >= Swift.min(Double(percent) + Self.margin, Double(Self.most)), percent < Self.most {
            roomSince += sample.interval
            guard roomSince >= Self.patience else { return }
            percent = Swift.min(Self.most, percent + Self.step)
            roomSince = Self.patience - Self.nextPatience
        } else {
            roomSince = 0
        }
    }

    /// How busy the processors that the host has are, in percent.
    ///
    /// A machine: all time in which they were not idle, what the hypervisor gave to others included. A container: the share
    /// of its allowance, or that of what neighbours left to it, whichever is more. The latter is seen by tasks that wait:
    /// in a single queue (M/M/1) some task waits for a share ρ² of the time.
    public static func busy(in sample: Sample) -> Double? {
        guard let idle = sample[.idle] else { return nil }
        let share = 100 - idle - (sample[.iowait] ?? 0)
        let waiting = sample.scope == .controlGroup ? (sample[.cpuPressure] ?? 0) : 0
        let queue = (Swift.max(0, waiting) / 100).squareRoot() * 100
        return Swift.min(100, Swift.max(0, share, queue))
    }

    private static func weight(at busy: Double) -> Double {
        let over = Swift.min(1, Swift.max(0, (busy - comfortable) / (full - comfortable)))
        return Double(most) - over * Double(most - least)
    }

    /// Rounded down to a step.
    private static func stepped(_ weight: Double) -> Int {
        Int((weight / Double(step)).rounded(.down)) * step
    }
}
