public import Fleet

/// The process that changes stages, as others that look at the journal see it, and its clock.
public struct Controller: Sendable {
    /// The user it runs as.
    public let user: String
    /// The machine it runs on.
    public let machine: String
    /// Its number there.
    public let process: Int32
    /// The time that records are given.
    public let now: @Sendable () -> Timestamp
    /// Whether a process of this machine is gone.
    private let isGone: @Sendable (_ process: Int32) -> Bool

    /// A controller.
    /// - Parameter isGone: Whether this machine has no process of that number any more.
    public init(
        user: String, machine: String, process: Int32, now: @escaping @Sendable () -> Timestamp,
        isGone: @escaping @Sendable (_ process: Int32) -> Bool
    ) {
        self.user = user
        self.machine = machine
        self.process = process
        self.now = now
        self.isGone = isGone
    }

    /// `user@machine:pid`, as leases and runs name their holder.
    public var name: String { "\(user)@\(machine):\(process)" }

    /// What is known of a lease's holder.
    public enum Holder: Hashable, Sendable {
        /// This process of this machine, which runs.
        case running(process: Int32)
        /// A process of this machine that is gone: nobody needs to wait for the lease's end.
        case gone
        /// Somewhere else: only its heartbeat could tell.
        case elsewhere
    }

    /// What is known of the holder of `lease`.
    public func holder(of lease: Lease) -> Holder {
        guard let colon = lease.holder.lastIndex(of: ":"), let at = lease.holder.firstIndex(of: "@"), at < colon,
            lease.holder[lease.holder.index(after: at)..<colon] == machine,
            let process = Int32(lease.holder[lease.holder.index(after: colon)...]), process > 0
        else { return .elsewhere }
        return isGone(process) ? .gone : .running(process: process)
    }
}
