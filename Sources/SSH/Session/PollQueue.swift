/// What goes forward over one connection, each in turn. Used on one loop's thread.
final class PollQueue {
    private(set) var pollables: [any Pollable] = []
    /// The one that has a packet half sent: nothing else may be sent before it has gone on.
    private var blocked: (any Pollable)?

    var isEmpty: Bool { pollables.isEmpty }

    /// Whether a packet is half sent, so that libssh2 must not begin another.
    var isBlocked: Bool { blocked != nil }

    /// What has to happen for anything to go on.
    ///
    /// While a packet is half sent nothing is read: watching for that would wake the loop again and again for nothing.
    var interest: Readiness { isBlocked ? .writing : isEmpty ? [] : .reading }

    /// Appends a pollable, unless it is there.
    func add(_ pollable: any Pollable) {
        if !pollables.contains(where: { $0 === pollable }) { pollables.append(pollable) }
    }

    /// Lets each go forward as far as it can now.
    /// - Returns: Whether anything progressed; `nil` when a packet is half sent.
    func step() -> Bool? {
        var hasProgressed = false
        for pollable in blocked.map({ [$0] }) ?? pollables {
            let result = pollable.step()
            if case .sendBlocked = result {
                blocked = pollable
                return nil
            }
            if blocked != nil {
                blocked = nil
                hasProgressed = true
            }
            if case .progressed = result { hasProgressed = true }
            if case .finished = result {
                pollables.removeAll { $0 === pollable }
                hasProgressed = true
            }
        }
        return hasProgressed
    }

    /// Forgets all.
    func removeAll() { (pollables, blocked) = ([], nil) }
}
