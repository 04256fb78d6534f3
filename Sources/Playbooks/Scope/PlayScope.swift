import Fleet
import OrderedCollections
import Values

/// What all tasks of one batch of a play see.
struct PlayScope: Sendable {
    /// What the play itself says. Scopes are made for each task on each host, and hold it together.
    private final class Sayings: Sendable {
        let vars: Variables
        let roleVars: Variables
        let roleDefaults: Variables
        let settings: TaskSettings

        init(vars: Variables, roleVars: Variables, roleDefaults: Variables, settings: TaskSettings) {
            self.vars = vars
            self.roleVars = roleVars
            self.roleDefaults = roleDefaults
            self.settings = settings
        }
    }

    private let said: Sayings
    /// `ansible_play_hosts` and its kin.
    var magic: Variables = [:]

    /// `vars` of the play.
    var vars: Variables { said.vars }
    /// Variables of the play's roles, the later role's winning.
    var roleVars: Variables { said.roleVars }
    /// Defaults of the play's roles, the later role's winning.
    var roleDefaults: Variables { said.roleDefaults }
    /// What the play hands down to its tasks.
    var settings: TaskSettings { said.settings }

    init(vars: Variables = [:]) {
        said = Sayings(vars: vars, roleVars: [:], roleDefaults: [:], settings: TaskSettings())
    }

    init(_ play: Play) {
        var (roleVars, roleDefaults): (Variables, Variables) = ([:], [:])
        for role in play.roles {
            roleVars.merge(role.vars) { _, later in later }
            roleDefaults.merge(role.defaults) { _, later in later }
        }
        said = Sayings(vars: play.vars, roleVars: roleVars, roleDefaults: roleDefaults, settings: play.settings)
    }
}
