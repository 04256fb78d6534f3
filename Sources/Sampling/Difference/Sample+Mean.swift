extension Sample {
    /// The mean over all, each by its length; `nil` where there is none.
    ///
    /// A figure is the mean of the samples that know it. The time is the latest's, the interval is that of all together.
    public static func mean(of samples: [Sample]) -> Sample? {
        let samples = samples.filter { $0.interval > 0 && $0.interval.isFinite }
        guard let latest = samples.max(by: { $0.time < $1.time }) else { return nil }
        let whole = samples.reduce(0) { $0 + $1.interval }
        var result = Sample(
            time: latest.time, interval: whole, scope: latest.scope, disks: meanDisks(of: samples, over: whole),
            devices: meanDevices(of: samples, over: whole), fileSystems: latest.fileSystems)
        for metric in Metric.allCases {
            var (sum, weight) = (0.0, 0.0)
            for sample in samples {
                guard let value = sample[metric] else { continue }
                sum += value * sample.interval
                weight += sample.interval
            }
            if weight > 0 { result[metric] = sum / weight }
        }
        return result
    }

    /// What a request took is weighed by the requests: a second with one slow request says little of a busy minute.
    private static func meanDisks(of samples: [Sample], over whole: Double) -> [DiskSample] {
        names(in: samples.map { $0.disks.map(\.name) }).map { name in
            var mean = DiskSample(name: name)
            var requests = 0.0
            for sample in samples {
                guard let disk = sample.disks.first(where: { $0.name == name }) else { continue }
                let share = sample.interval / whole
                mean.transfers += disk.transfers * share
                mean.readKiB += disk.readKiB * share
                mean.writtenKiB += disk.writtenKiB * share
                mean.discardedKiB += disk.discardedKiB * share
                mean.queue += disk.queue * share
                mean.utilisation += disk.utilisation * share
                let count = disk.transfers * sample.interval
                requests += count
                mean.requestKiB += disk.requestKiB * count
                mean.wait += disk.wait * count
            }
            mean.requestKiB = requests > 0 ? mean.requestKiB / requests : 0
            mean.wait = requests > 0 ? mean.wait / requests : 0
            return mean
        }
    }

    private static func meanDevices(of samples: [Sample], over whole: Double) -> [DeviceSample] {
        names(in: samples.map { $0.devices.map(\.name) }).map { name in
            var mean = DeviceSample(name: name)
            for sample in samples {
                guard let device = sample.devices.first(where: { $0.name == name }) else { continue }
                let share = sample.interval / whole
                mean.packetsIn += device.packetsIn * share
                mean.packetsOut += device.packetsOut * share
                mean.receivedKiB += device.receivedKiB * share
                mean.sentKiB += device.sentKiB * share
                mean.errors += device.errors * share
            }
            return mean
        }
    }

    /// Each name once, in the order in which they first come.
    private static func names(in lists: [[String]]) -> [String] {
        var seen: Set<String> = []
        return lists.joined().filter { seen.insert($0).inserted }
    }
}
