import Synchronization

/// The dialect that a balancer was found to speak. A connection's time is too short for another version to come.
final class FoundDialect: Sendable {
    private let found = Mutex<HAProxyDialect?>(nil)

    init(_ dialect: HAProxyDialect? = nil) { self.dialect = dialect }

    var dialect: HAProxyDialect? {
        get { found.withLock { $0 } }
        set { found.withLock { $0 = newValue } }
    }
}
