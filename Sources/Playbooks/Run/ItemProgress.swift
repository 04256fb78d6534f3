import TaskModules
import Values

/// How far the item at hand has come.
struct ItemProgress: Sendable {
    var attempt = 1
    /// How often its module has asked.
    var rounds = 0
    /// Whether its conditions hold.
    var hasChecked = false
    var hasPaused = false
    /// What it notifies if it changes something.
    var notified: [String]?
    /// The change that was handed out and has not been answered.
    var change: Change?
    /// The arguments of its module, when results tell them.
    var invocation: Value?
    /// The seconds that the task itself gives its command.
    var period: Int?
    /// How long to wait before the next try.
    var wait: Duration?
}
