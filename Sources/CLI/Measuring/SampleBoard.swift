import Fleet
import Sampling

/// Puts the samples together that hosts took at the same time, so that they are shown together and in the hosts' order.
///
/// Nobody waits for a host that is late: what others have is given out as soon as one of them has more.
struct SampleBoard {
    /// What hosts did in one interval.
    struct Row {
        let number: Int
        let samples: [(host: HostName, sample: Sample)]
    }

    private let order: [HostName]
    private var alive: Set<HostName>
    private var waiting: [Int: [HostName: Sample]] = [:]

    init(_ hosts: [HostName]) { (order, alive) = (hosts, Set(hosts)) }

    /// Takes a host's sample.
    /// - Returns: What is complete now, or overtaken.
    mutating func add(_ host: HostName, _ number: Int, _ sample: Sample) -> [Row] {
        waiting[number, default: [:]][host] = sample
        return rows { $0 < number }
    }

    /// Takes note that a host gives no more.
    mutating func leave(_ host: HostName) -> [Row] {
        alive.remove(host)
        return rows { _ in false }
    }

    /// All that is left.
    mutating func finish() -> [Row] { rows { _ in true } }

    private mutating func rows(overtaken: (Int) -> Bool) -> [Row] {
        let ready = waiting.filter { number, samples in
            overtaken(number) || alive.allSatisfy { samples[$0] != nil }
        }
        for number in ready.keys { waiting[number] = nil }
        return ready.sorted { $0.key < $1.key }.map { number, samples in
            Row(number: number, samples: order.compactMap { host in samples[host].map { (host, $0) } })
        }
    }
}
