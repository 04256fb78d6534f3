import Glibc
import Synchronization

/// The event loops of this process, one for each core, handed out in turn.
struct LoopGroup: Sendable {
    private let loops: [SessionLoop]
    private let turn = Counter()

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    /// The loops that every connector shares; their threads live as long as the process.
    static let shared = LoopGroup(count: max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN)))))

    init(count: Int) { loops = (0..<count).map { _ in SessionLoop() } }

    func next() -> SessionLoop {
        let number = turn.value.wrappingAdd(1, ordering: .relaxed).newValue
        return loops[number % loops.count]
    }
}
