import Fleet
import OrderedCollections

/// What all tasks of one batch of a play see.
struct PlayScope: Sendable {
    /// `vars` of the play.
    var vars: Variables = [:]
    /// Variables of the play's roles, the later role's winning.
    var roleVars: Variables = [:]
    /// Defaults of the play's roles, the later role's winning.
    var roleDefaults: Variables = [:]
    /// What the play hands down to its tasks.
    var settings = TaskSettings()
    /// `ansible_play_hosts` and its kin.
    var magic: Variables = [:]

    init() {}

    init(_ play: Play) {
        vars = play.vars
        settings = play.settings
        for role in play.roles {
            roleVars.merge(role.vars) { _, later in later }
            roleDefaults.merge(role.defaults) { _, later in later }
        }
    }
}
