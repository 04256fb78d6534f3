import Fleet
import Rollouts

extension TrafficError: ExitingError {
    /// A balancer that knows of a newer controller says the same as a lease that another took.
    var exitStatus: ExitStatus { code == .fenced ? .leaseHeld : .failed }
}

extension JournalError: ExitingError {
    /// A lease that another holds, or took, has a status of its own.
    var exitStatus: ExitStatus {
        if code == .leaseHeld || code == .leaseLost { return .leaseHeld }
        return code == .unknownBuild || code == .ambiguousBuild || code == .unknownRun ? .usage : .failed
    }
}

extension RolloutError: ExitingError {
    /// A host that knows of a newer controller says the same as a lease that another took.
    var exitStatus: ExitStatus { code == .fenced ? .leaseHeld : .failed }
}

extension StageError: ExitingError {
    /// A lease whose holder is at work is held.
    var exitStatus: ExitStatus { code == .leaseInUse ? .leaseHeld : .failed }
}
