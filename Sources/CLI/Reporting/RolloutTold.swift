import Fleet
import Rollouts

/// What was told of a rollout so far, as far as the words of its last line depend on it.
struct RolloutTold {
    /// What it was to do.
    private(set) var plan: RolloutPlan?
    /// Why it went back.
    private(set) var reason: String?
    /// How long going back took, once that is over.
    private(set) var wayBack: Duration?
    /// Whether a host was, or was about to be, drained or switched.
    private(set) var hasChanged = false
    private var turnedAt: Timestamp?

    /// Takes an event in, the one to be told included.
    mutating func note(_ entry: RolloutEntry) {
        switch entry.event {
        case .started(let plan): self.plan = plan
        case .done(let action, _), .failed(let action, _):
            if action.verb == .drain || action.verb == .activate { hasChanged = true }
        case .turnedBack(let setback): (reason, turnedAt) = (setback.description, entry.at)
        case .finished: wayBack = turnedAt.map { entry.at - $0 }
        default: break
        }
    }
}
