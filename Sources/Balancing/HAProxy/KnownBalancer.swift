import Synchronization

/// What a balancer was found to be. A connection's time is too short for another version to come.
final class KnownBalancer: Sendable {
    private struct State {
        var dialect: HAProxyDialect?
        var hasNamesake = false
    }

    private let state: Mutex<State>

    init(_ dialect: HAProxyDialect? = nil) { state = Mutex(State(dialect: dialect)) }

    /// What it speaks; `nil` before it was asked.
    var dialect: HAProxyDialect? {
        get { state.withLock { $0.dialect } }
        set { state.withLock { $0.dialect = newValue } }
    }

    /// Whether a frontend has the backend's name, and is what HAProxy takes `show stat NAME` for.
    var hasNamesake: Bool {
        get { state.withLock { $0.hasNamesake } }
        set { state.withLock { $0.hasNamesake = newValue } }
    }
}
