import Fleet
import Synchronization

/// Gates that compare a batch with the rest by what balancers count.
extension Gate {
    /// Compares how many requests fail.
    static func errors(_ limits: ErrorLimits) -> Gate {
        let name = "errors against the rest"
        return Gate(name: name, onNoData: limits.onNoData, wait: limits.wait) { watch in
            let comparison = Mutex(ErrorComparison(limits, batch: watch.batch))
            return { moment in
                compare(watch, limits.onNoData, limits.wait, moment, least: limits.minimum) { tally, hosts in
                    let (rest, isRecorded) = rest(of: watch, name, tally) {
                        .init(requests: $0.requests, failed: $0.failed ?? 0)
                    }
                    return comparison.withLock {
                        $0.judge(
                            tally.sample(of: hosts), against: rest, isRecorded: isRecorded, isDue: moment.isDue)
                    }
                }
            }
        }
    }

    /// Compares how long answers take.
    static func latency(_ limits: LatencyLimits) -> Gate {
        let name = "latency against the rest"
        return Gate(name: name, onNoData: limits.onNoData, wait: limits.wait) { watch in
            let comparison = Mutex(LatencyComparison(limits, batch: watch.batch))
            return { moment in
                compare(watch, limits.onNoData, limits.wait, moment, least: TrafficTally.block * 2) { tally, hosts in
                    let (rest, isRecorded) = rest(of: watch, name, tally) {
                        .init(requests: $0.requests, blocks: $0.times ?? [])
                    }
                    return comparison.withLock {
                        $0.judge(
                            tally.sample(of: hosts), against: rest, isRecorded: isRecorded,
                            elapsed: moment.elapsed, isDue: moment.isDue)
                    }
                }
            }
        }
    }

    /// Judges by what was counted; looks on for more requests only where they can come in time, and are asked for.
    private static func compare(
        _ watch: GateWatch, _ onNoData: NoDataPolicy, _ wait: Duration, _ moment: GateMoment, least: Int,
        _ judge: (TrafficTally, _ hosts: [HostName]) -> GateAnswer
    ) -> GateAnswer {
        guard watch.hasForerunner else {
            return GateAnswer(.pass, "nothing to compare with: no host had another release")
        }
        guard watch.isBalanced else { return GateAnswer(.pass, "no balancer sends these hosts requests") }
        let (tally, silent) = watch.traffic.counted
        guard tally.isCounting else { return GateAnswer(.insufficient, "no balancer counts requests") }
        let hosts = watch.hosts.filter { !silent.contains($0) }
        if hosts.isEmpty { return GateAnswer(.pass, "no host of the batch answers, which its confirmation tells") }
        var answer = judge(tally, hosts)
        guard answer.verdict == .insufficient, onNoData == .fail, !answer.isOpen else { return answer }
        let requests = tally.sample(of: hosts).requests
        let seconds = max(0.5, moment.elapsed / .seconds(1))
        answer.isOpen = Double(requests) / seconds * (seconds + wait / .seconds(1)) >= Double(least)
        return answer
    }

    /// What a batch is compared with: hosts on the other release, else what was recorded of them.
    private static func rest(
        of watch: GateWatch, _ gate: String, _ tally: TrafficTally,
        _ sample: (GateFigures.Sample) -> TrafficTally.Sample
    ) -> (TrafficTally.Sample?, isRecorded: Bool) {
        if !watch.rest.isEmpty { return (tally.sample(of: watch.rest), false) }
        return (watch.recordedRest(of: gate).map(sample), true)
    }
}
