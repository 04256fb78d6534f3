import Fleet
import Synchronization

/// Balancers that take no part in changes, and why.
final class Absentees: Sendable {
    /// Why a balancer is absent.
    struct Absence: Hashable, Sendable {
        var reason: String
        /// Whether it is gone on without; otherwise nothing may be changed until it has been aligned.
        var isAccepted: Bool

        /// For people.
        var text: String {
            isAccepted ? "left out: \(reason)" : "it was left out (\(reason)), and has not been made right since"
        }
    }

    private let absences: Mutex<[HostName: Absence]>

    init(_ absences: [HostName: Absence]) { self.absences = Mutex(absences) }

    subscript(balancer: HostName) -> Absence? { absences.withLock { $0[balancer] } }

    func end(_ balancer: HostName) { absences.withLock { $0[balancer] = nil } }

    /// Leaves `balancer` out, unless it is the last of `balancers` that is not.
    func add(_ balancer: HostName, of balancers: [HostName], reason: String) -> LeavingOut {
        absences.withLock { absences in
            if absences[balancer]?.isAccepted == true { return .already }
            let others = balancers.contains { $0 != balancer && absences[$0] == nil }
            guard balancers.contains(balancer), others else { return .impossible }
            absences[balancer] = Absence(reason: reason, isAccepted: true)
            return .done
        }
    }
}
