import Fleet
import Foundation

/// Who this process is to others that look at the journal.
enum Controller {
    /// `user@machine:pid`, as leases and runs name their holder.
    static var name: String { "\(user)@\(machine):\(ProcessInfo.processInfo.processIdentifier)" }

    static var user: String { NSUserName().isEmpty ? "nobody" : NSUserName() }
    static var machine: String { ProcessInfo.processInfo.hostName }

    /// The time that records are given.
    static func now() -> Timestamp { Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded())) }

    /// Whether a lease's holder was a process of this machine that is gone, so that nobody needs to wait for its end.
    static func isDead(_ lease: Lease) -> Bool {
        guard let process = process(of: lease) else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// The process of this machine that holds the lease; `nil` when that is gone, or the holder is elsewhere.
    static func livingProcess(of lease: Lease) -> Int32? { isDead(lease) ? nil : process(of: lease) }

    private static func process(of lease: Lease) -> Int32? {
        guard let colon = lease.holder.lastIndex(of: ":"), let at = lease.holder.firstIndex(of: "@"), at < colon,
            lease.holder[lease.holder.index(after: at)..<colon] == machine,
            let process = Int32(lease.holder[lease.holder.index(after: colon)...]), process > 0
        else { return nil }
        return process
    }
}
