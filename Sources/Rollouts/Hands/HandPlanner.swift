import Fleet

/// Refuses what would cost the service its minimum, or let in who must not serve. Reads no clock, does no I/O.
enum HandPlanner {
    /// - Throws: ``StageError`` `.belowMinimum` when too few would be left in service.
    static func refuseShortage(
        _ stage: String, _ pool: Pool, _ hosts: [HostName], _ seen: PoolObservation, _ floor: Int
    ) throws(StageError) {
        let leaving = Set(pool.members.filter { hosts.contains($0.host) }.map(Machine.init))
        let now = seen.inService()
        let left = now.subtracting(leaving).count
        guard left < now.count, left < floor else { return }
        throw .tooFewLeft(stage, hosts, now: now.count, left: left, floor: floor)
    }

    /// - Parameter build: What members should run; `nil` before the stage's first rollout.
    /// - Throws: ``StageError`` for members that do not answer, were stopped, or would serve another build than the others.
    static func refuseUnfit(
        _ stage: String, _ hosts: [HostName], _ sight: FleetObservation, build: ReleaseID?
    ) throws(StageError) {
        let stopped = sight.stopped.filter { hosts.contains($0.key) }
        if !stopped.isEmpty { throw .onlyStopped(stage, stopped) }
        var silent: [RolloutError] = []
        var others: [HostName: ReleaseID] = [:]
        var bare: [HostName] = []
        for host in hosts {
            switch sight.hosts[host] {
            case .silent(let error)?: silent.append(error)
            case .answered(let survey)?:
                if let release = survey.release {
                    if let build, release != build, !sight.balancers.isServing(host) { others[host] = release }
                } else {
                    bare.append(host)
                }
            case nil: break
            }
        }
        if !silent.isEmpty { throw .silentMembers(stage, silent) }
        if !bare.isEmpty { throw .noRelease(stage, bare) }
        if let build, !others.isEmpty { throw .otherRelease(stage, others, build) }
    }
}

extension StageError {
    /// What members run that do not answer is not known.
    static func silentMembers(_ stage: String, _ silent: [RolloutError]) -> Self {
        let reasons = silent.prefix(5).map { "\($0.host) does not answer: \($0.message)" }.joined(separator: "; ")
        return Self(
            .silentHosts, stage: stage, reasons + (silent.count > 5 ? "; nor do \(silent.count - 5) more" : ""),
            hints: ["nothing was touched: nobody knows what build they would serve; see drover doctor --stage \(stage)"]
        )
    }
}
