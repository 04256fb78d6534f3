public import Fleet

/// How far a run that left something undone has come, host by host.
public struct Leftovers: Sendable, Equatable {
    /// A handler that hosts were told to run, and that did not run.
    public struct Handler: Sendable, Equatable {
        /// Its name.
        public var name: String
        /// The hosts that are owed it.
        public var hosts: [HostName]
    }

    /// Hosts on which everything was done.
    public var done: [HostName] = []
    /// Hosts on which some tasks were run, and others failed or were not.
    public var halfDone: [HostName] = []
    /// Hosts on which no task was run.
    public var untouched: [HostName] = []
    /// What the next run does first.
    public var owed: [Handler] = []
}

extension PlaybookRun {
    /// Notes the hosts of plays that are not begun.
    func leavePlays(from index: Int) {
        for play in playbook.plays[index...] {
            // A play whose hosts cannot be worked out has said so, or never gets to do it.
            if let hosts = try? hosts(of: play) { left.formUnion(hosts.inOrder) }
        }
    }

    /// Notes the hosts of a play's batches that are not begun, or were in hand when somebody wanted the run to end.
    func leave(_ batches: ArraySlice<[Int]>, inHand: Bool) {
        let hosts = batches.joined()
        left.formUnion(inHand ? hosts.filter { !batch.ended.contains($0) } : Array(hosts))
    }

    /// What was left undone; `nil` where nothing was, or nothing was to be done.
    var leftovers: Leftovers? {
        guard !view.options.isCheck else { return nil }
        var leftovers = Leftovers(owed: leftHandlers)
        for (index, host) in view.state.hosts.enumerated() {
            let count = counters[index]
            let isTouched = count.ok + count.changed + count.failed + count.rescued + count.ignored > 0
            if left.contains(index) || standing[index] != .present {
                isTouched ? leftovers.halfDone.append(host.name) : leftovers.untouched.append(host.name)
            } else if count != HostCounters() {
                leftovers.done.append(host.name)
            }
        }
        let isWhole = leftovers.halfDone.isEmpty && leftovers.untouched.isEmpty && leftovers.owed.isEmpty
        return isWhole ? nil : leftovers
    }
}
