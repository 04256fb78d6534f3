import Fleet
import Insight
import Sampling

/// Hosts, members and tiers as a test says that they were seen, a minute long.
enum Staging {
    static let window = ObservationWindow(from: 1_800_000_000, to: 1_800_000_060)

    static func name(_ text: String) -> HostName {
        do { return try HostName(text) } catch { preconditionFailure("\(text): \(error)") }
    }

    /// A host of a lab with two processors, of which it uses a tenth, unless `figures` say other things.
    static func sample(
        _ figures: [Metric: Double] = [:], seconds: Double = 60, scope: SampleScope = .controlGroup,
        disks: [DiskSample] = [], fileSystems: [FileSystemSample] = []
    ) -> Sample {
        var sample = Sample(
            time: window.to, interval: seconds, scope: scope, disks: disks, fileSystems: fileSystems)
        let usual: [Metric: Double] = [
            .busyProcessors: 0.2, .allowedProcessors: 2, .user: 7, .system: 3, .throttled: 0, .cpuPressure: 1,
            .ioPressure: 0, .ioPressureFull: 0, .memoryPressure: 0, .memoryPressureFull: 0, .refaults: 0,
            .outOfMemoryKills: 0, .memoryTotal: 1_000_000, .memoryAvailable: 500_000, .memoryAnonymous: 200_000,
            .segmentsOut: 500, .retransmits: 0, .listenOverflows: 0, .listenDrops: 0, .runQueue: 1,
        ]
        for (metric, value) in usual.merging(figures, uniquingKeysWith: { $1 }) where !value.isNaN {
            sample[metric] = value
        }
        return sample
    }

    static func host(
        _ host: String, _ figures: [Metric: Double] = [:], seconds: Double = 60, scope: SampleScope = .controlGroup,
        disks: [DiskSample] = [], usual: Sample? = nil, fileSystems: [FileSystemSample] = [],
        threads: [ThreadActivity] = [], listeners: [ListenQueue] = [], calls: [CallObservation] = [],
        addresses: [String] = []
    ) -> HostMeasurement {
        var found = HostMeasurement(
            host: name(host),
            samples: [sample(figures, seconds: seconds, scope: scope, disks: disks, fileSystems: fileSystems)],
            usual: usual, threads: threads, listeners: listeners)
        found.calls = calls
        found.addresses = addresses
        return found
    }

    /// Hosts `ap1`, `ap2` and so on that are alike.
    static func hosts(_ tier: String, _ count: Int, _ figures: [Metric: Double] = [:]) -> [HostMeasurement] {
        (1...count).map { host("\(tier)\($0)", figures) }
    }

    static func member(
        _ host: String, requests: Double? = 50, failed: Double = 0, time: Double? = 12, weight: Int? = 100,
        sessions: Double? = 2, limit: Double? = nil, queued: Double? = 0
    ) -> MemberObservation {
        MemberObservation(
            host: name(host), state: .up, requests: requests,
            answers: [0, 0, (requests ?? 0) - failed, 0, 0, failed], weight: weight, sessions: sessions,
            sessionLimit: limit, queued: queued, responseTime: time)
    }

    static func members(
        _ tier: String, _ count: Int, requests: Double? = 50, failed: Double = 0, time: Double? = 12,
        sessions: Double? = 2, limit: Double? = nil, queued: Double? = 0
    ) -> [MemberObservation] {
        (1...count).map {
            member(
                "\(tier)\($0)", requests: requests, failed: failed, time: time, sessions: sessions, limit: limit,
                queued: queued)
        }
    }

    static func tier(
        _ name: String, hosts: [HostMeasurement]? = nil, members: [MemberObservation] = [],
        services: [ServiceObservation] = [], objectives: [ServiceObjective] = []
    ) -> TierObservation {
        TierObservation(
            name: name, hosts: hosts ?? Self.hosts(name, 2), members: members, services: services,
            objectives: objectives)
    }

    static func stage(_ tiers: [TierObservation]) -> StageObservation {
        StageObservation(stage: "production", window: window, tiers: tiers)
    }

    /// The verdict of one tier that stands alone.
    static func verdict(_ tier: TierObservation) -> TierVerdict? { Diagnosis.of(stage([tier])).verdicts.first }

    static func service(_ host: String, _ figures: ServiceFigures) -> ServiceObservation {
        ServiceObservation(host: name(host), figures: figures)
    }
}
