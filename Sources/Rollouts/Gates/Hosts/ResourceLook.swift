import Fleet
import Synchronization

/// What is used of a host, as it says itself.
struct ResourceLook: Hashable, Sendable {
    /// Time of all processors together since boot, and how much of it they were busy.
    var busy: Double
    var all: Double
    /// Shares of one.
    var memory: Double
    var disk: Double
    /// For each processor.
    var load: Double

    /// Prints what ``init(_:)`` reads.
    static func script(_ root: String) -> String {
        """
        awk '/^cpu /{for (i = 2; i <= 9; i++) all += $i; printf "all=%.0f\\nbusy=%.0f\\n", all, all - $5 - $6; exit}' /proc/stat
        awk '/^MemTotal:/{t = $2} /^MemAvailable:/{a = $2} END {if (t) printf "memory=%f\\n", 1 - a / t}' /proc/meminfo
        awk -v n="$(nproc)" '{printf "load=%f\\n", $1 / n}' /proc/loadavg
        df -P \(RemoteCommand.quote(root)) | awk 'END {if ($2) printf "disk=%f\\n", 1 - $4 / $2}'
        """
    }

    /// - Parameter text: What ``script(_:)`` printed; `nil` where something is missing in it.
    init?(_ text: String) {
        let fields = AnswerFields(text)
        guard let busy = fields.number("busy"), let all = fields.number("all"), let memory = fields.number("memory"),
            let disk = fields.number("disk"), let load = fields.number("load")
        else { return nil }
        (self.busy, self.all, self.memory, self.disk, self.load) = (busy, all, memory, disk, load)
    }

    /// The share of time since `earlier` that processors were busy; `nil` where too little has passed.
    func processor(since earlier: Self) -> Double? {
        all - earlier.all >= 10 ? (busy - earlier.busy) / (all - earlier.all) : nil
    }
}

extension ResourceGate {
    /// What is above its limit.
    func excess(_ look: ResourceLook, processor busy: Double?) -> String? {
        let shares = [
            ("memory", look.memory, memory), ("the file system of root", look.disk, disk),
            ("the processors", busy ?? 0, processor),
        ]
        for (name, used, limit) in shares {
            if let limit, used > limit { return "\(used.percent) of \(name) in use, at most \(limit.percent) may be" }
        }
        guard let load, look.load > load else { return nil }
        return "a load of \((look.load * 100).rounded() / 100) for each processor, at most \(load) may be"
    }
}

extension StageGates {
    func resources(_ settings: ResourceGate) -> Gate {
        hostGate("resources of each host") { watch in
            let before = Mutex<[HostName: (look: ResourceLook, wasBusy: Bool)]>([:])
            return { _ throws(RolloutError) in
                for (host, text) in try await ask(ResourceLook.script(site.file.root), on: watch.hosts) {
                    guard let look = ResourceLook(text) else {
                        return GateAnswer(.fail, "\(host): what it uses cannot be read")
                    }
                    let last = before.withLock { $0[host] }
                    let busy = last.flatMap { look.processor(since: $0.look) }
                    let isBusy = busy.map { now in settings.processor.map { now > $0 } ?? false }
                    before.withLock { $0[host] = (look, isBusy ?? last?.wasBusy ?? false) }
                    // A moment's work is no trouble: processors have to be busy at two looks running.
                    let counted = last?.wasBusy == true ? busy : nil
                    if let excess = settings.excess(look, processor: counted) {
                        return GateAnswer(.fail, "\(host): \(excess)")
                    }
                }
                return GateAnswer(.pass, "within limits on \(watch.hosts.count.of("host"))")
            }
        }
    }
}
