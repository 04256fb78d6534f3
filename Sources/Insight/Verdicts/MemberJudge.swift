import Fleet

/// What balancers' counters and a tier's threads say of it: limits of connections and of workers, and what it waits for.
struct MemberJudge: Sendable {
    let figures: TierFigures

    var findings: [Finding] { [sessionLimit, thread, workers].compactMap(\.self) }

    private func figure(
        _ name: String, _ value: Double?, _ unit: String = "", limit: Double? = nil, of host: HostName? = nil,
        remark: String? = nil
    ) -> [FigureEvidence] {
        guard let value, value.isFinite else { return [] }
        return [
            FigureEvidence(
                name, value, unit: unit, limit: limit, of: host?.description, window: figures.window, remark: remark)
        ]
    }

    private var isIdle: Bool { (figures.cpuInHand ?? 0) < Threshold.processorIdle }

    /// Requests wait while members have as many as they may have, and processors to spare.
    private var sessionLimit: Finding? {
        let full = figures.members.filter { member in
            guard (figures.cpu(of: member.host) ?? 0) < Threshold.processorIdle, let limit = member.sessionLimit,
                let sessions = member.sessions, limit > 0
            else { return false }
            return sessions / limit >= Threshold.connections
        }
        let queued = figures.queued
        guard let first = full.first, queued > 0, isIdle else { return nil }
        let evidence =
            figure("scur", first.sessions, limit: first.sessionLimit, of: first.host, remark: "requests in hand")
            + figure("qcur", queued, limit: 0, remark: "requests that wait") + figure("%cpu", figures.cpuInHand, "%")
        return Finding(
            .connections, queued >= 1 ? .high : .medium,
            words: "at the limit of connections that balancers open to a member", evidence: evidence)
    }

    /// One thread does all it can while other processors idle.
    private var thread: Finding? {
        let hot = figures.seen.compactMap { host -> (HostFigures, ThreadActivity)? in
            guard let allowed = host.allowed ?? (host.host.threads.isEmpty ? nil : 2), allowed >= 1.5,
                (host.cpu ?? 0) < Threshold.processor,
                let thread = host.host.threads.max(by: { $0.busy < $1.busy }), thread.busy.isFinite,
                thread.busy * 100 >= Threshold.thread
            else { return nil }
            return (host, thread)
        }
        // A thread may be busy with what nobody waits for.
        let isTold = !figures.trouble.isEmpty
        guard let first = hot.first, hot.count * 2 > figures.seen.count, isTold || figures.responseTime == nil else {
            return nil
        }
        let evidence =
            hot.prefix(3).flatMap { host, thread in
                figure(
                    "thread \(thread.name)", min(thread.busy, 1) * 100, "%", limit: Threshold.thread,
                    of: host.host.host, remark: "of one processor")
            } + figure("%cpu", figures.cpu, "%") + figure("qcur", figures.queued > 0 ? figures.queued : nil)
        return Finding(
            .workers, isTold ? .high : .medium,
            words: "one thread of \(first.1.name) does all it can while other processors idle", evidence: evidence)
    }

    /// Connections wait to be accepted, or requests for answers, while nothing that can be measured is busy.
    private var workers: Finding? {
        guard sessionLimit == nil, isIdle, !figures.seen.isEmpty else { return nil }
        let idle = figures.seen.filter { ($0.cpu ?? 0) < Threshold.processorIdle }
        let waiting = idle.flatMap { host in
            host.host.listeners.filter { $0.waiting > 0 && $0.port != 22 }.map { (host.host.host, $0) }
        }.max { $0.1.waiting < $1.1.waiting }
        let trouble = figures.trouble
        let inHand = figures.inHand ?? 0
        let outside = figures.waits.reduce(0) { $0 + $1.waiting }
        let isBusyOutside = inHand > 0 && outside / inHand >= Threshold.waitingShare
        // A few wait for a moment at anybody's; where nobody is served late it takes more to tell.
        let enough = trouble.isEmpty ? Threshold.unaccepted : 2
        guard !isBusyOutside, waiting.map({ $0.1.waiting >= enough }) ?? false || !trouble.isEmpty && inHand >= 2
        else { return nil }
        let evidence =
            (waiting.map { host, queue in
                figure(
                    "listen queue :\(queue.port)", Double(queue.waiting), limit: Double(enough), of: host,
                    remark: "connections that wait to be accepted")
            } ?? []) + trouble + figure("in hand", inHand) + figure("waiting for others", outside)
            + figure("%cpu", figures.cpuInHand, "%")
        return Finding(
            .workers, waiting != nil && !trouble.isEmpty ? .high : waiting != nil ? .medium : .low,
            words: "all its workers are taken while processors idle", evidence: evidence)
    }
}
