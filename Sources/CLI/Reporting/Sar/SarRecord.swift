import Fleet
import Sampling

/// What a host did over an interval, as programs read it: every figure that is known, whatever report was asked for.
struct SarRecord: SchemaDocument {
    static let schema = DocumentSchema(
        "sar", "What a host did over an interval, in the figures of `sar`, pressure and refaults beside them",
        [
            .always("event", .word(["sample", "average"]), "one interval, or the average of all that were told"),
            .always("host", .text, "the host"),
            .always("source", .word(Source.self), "from the agent's history, or read over SSH now"),
            .always(
                "scope", .word(["machine", "cgroup"]), "whose figures they are: a container's are its control group's"),
            .always("at", .time, "the interval's end"),
            .always("seconds", .number, "how long it was"),
            .always("figures", .map(.number), "by name; what is not known is not there"),
            .always("disks", .list(.object(disk)), "each disk, where they are the host's own to see"),
            .always("devices", .list(.object(device)), "each network device"),
            .always("fileSystems", .list(.object(fileSystem)), "how full each file system is"),
        ])

    /// Where a sample is from.
    enum Source: String, CaseIterable, Encodable, Sendable { case history, live }

    let event: String
    let host: HostName
    let source: Source
    let scope: String
    let at: String
    let seconds: Double
    let figures: [String: Double]
    let disks: [Disk]
    let devices: [Device]
    let fileSystems: [FileSystem]

    init(_ sample: Sample, of host: HostName, _ source: Source, isAverage: Bool = false) {
        event = isAverage ? "average" : "sample"
        (self.host, self.source, scope) = (host, source, sample.scope.rawValue)
        at = sample.moment.description
        seconds = sample.interval.finite
        figures = Metric.allCases.reduce(into: [:]) { figures, metric in
            if let value = sample[metric], value.isFinite { figures[metric.rawValue] = value }
        }
        disks = sample.disks.map(Disk.init)
        devices = sample.devices.map(Device.init)
        fileSystems = sample.fileSystems.map(FileSystem.init)
    }
}

extension SarRecord {
    struct Disk: Encodable {
        let name: String
        let transfers, readKiB, writtenKiB, discardedKiB, requestKiB, queue, wait, utilisation: Double

        init(_ disk: DiskSample) {
            name = disk.name
            (transfers, readKiB, writtenKiB) = (disk.transfers.finite, disk.readKiB.finite, disk.writtenKiB.finite)
            (discardedKiB, requestKiB) = (disk.discardedKiB.finite, disk.requestKiB.finite)
            (queue, wait, utilisation) = (disk.queue.finite, disk.wait.finite, disk.utilisation.finite)
        }
    }

    struct Device: Encodable {
        let name: String
        let packetsIn, packetsOut, receivedKiB, sentKiB, errors: Double

        init(_ device: DeviceSample) {
            name = device.name
            (packetsIn, packetsOut) = (device.packetsIn.finite, device.packetsOut.finite)
            (receivedKiB, sentKiB) = (device.receivedKiB.finite, device.sentKiB.finite)
            errors = device.errors.finite
        }
    }

    struct FileSystem: Encodable {
        let path: String
        let totalKiB, availableKiB, filesUsed: Double

        init(_ system: FileSystemSample) {
            path = system.path
            (totalKiB, availableKiB) = (system.totalKiB.finite, system.availableKiB.finite)
            filesUsed = system.filesUsed.finite
        }
    }

    private static let disk: [Shape.Field] = [
        .always("name", .text, "as the kernel names it"),
        .always("transfers", .number, "requests a second"),
        .always("readKiB", .number, "KiB a second"),
        .always("writtenKiB", .number, "KiB a second"),
        .always("discardedKiB", .number, "KiB a second"),
        .always("requestKiB", .number, "mean size of a request"),
        .always("queue", .number, "mean number of requests that wait or are served"),
        .always("wait", .number, "mean milliseconds of a request, waiting included"),
        .always("utilisation", .number, "percent of the time with a request under way"),
    ]

    private static let device: [Shape.Field] = [
        .always("name", .text, "as the kernel names it"),
        .always("packetsIn", .number, "packets a second"),
        .always("packetsOut", .number, "packets a second"),
        .always("receivedKiB", .number, "KiB a second"),
        .always("sentKiB", .number, "KiB a second"),
        .always("errors", .number, "packets a second that were damaged or dropped"),
    ]

    private static let fileSystem: [Shape.Field] = [
        .always("path", .text, "where it is mounted"),
        .always("totalKiB", .number, "how large it is"),
        .always("availableKiB", .number, "what users may still write"),
        .always("filesUsed", .number, "percent of the files that there may be"),
    ]
}

extension Sample {
    /// Its end.
    var moment: Timestamp {
        let (milliseconds, isTooFar) = time.multipliedReportingOverflow(by: 1000)
        return Timestamp(milliseconds: isTooFar ? 0 : milliseconds)
    }
}

extension Double {
    /// What JSON can hold: 0 for what is no number.
    var finite: Double { isFinite ? self : 0 }
}
