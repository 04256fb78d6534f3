import Fleet

/// Which hosts are begun next. It is told what has happened, and acts on nothing itself.
struct FanOutPlan: Sendable {
    enum State: Sendable, Equatable {
        /// Not begun. Leaves to `connecting`.
        case waiting
        /// Leaves to `working`, to `silent` when that takes long, or to `ended` when there is no connection or its work is
        /// not wanted any more.
        case connecting
        /// As `connecting`, but keeps nobody from being begun. Leaves also to `ready`.
        case silent
        /// Connected while all others that may be in hand are. Leaves to `working` or `ended`.
        case ready
        /// Leaves to `ended`.
        case working
        case ended
    }

    private(set) var states: [State]
    private let pace: Pace
    private let batchSize: Int
    private var begun = 0
    private var connecting: Set<Int> = []
    /// Those of `connecting` that were connecting at the last look already.
    private var seen: Set<Int> = []
    private var silent = 0
    private var ready: [Int] = []
    private var inHand = 0
    private var ended = 0
    private var failed = 0
    private var isStopped = false

    init(count: Int, pace: Pace) {
        states = Array(repeating: .waiting, count: count)
        self.pace = pace
        batchSize = max(1, pace.batch?.count(of: count) ?? count)
    }

    /// Whether hosts that are not working yet are to be left alone.
    var leavesTheRest: Bool { isStopped || hasTooManyFailures }

    /// Whether more hosts failed than the pace allows.
    var hasTooManyFailures: Bool { areTooMany(failed) }

    private func areTooMany(_ failures: Int) -> Bool {
        guard let limit = pace.failPercent else { return false }
        return failures * 100 > limit * states.count
    }

    /// The hosts to begin with now, as indices.
    mutating func next() -> Range<Int> {
        let first = begun
        while canBegin {
            states[begun] = .connecting
            connecting.insert(begun)
            begun += 1
            inHand += 1
        }
        return first..<begun
    }

    private var canBegin: Bool {
        guard begun < states.count, !leavesTheRest, ready.isEmpty, connecting.count < pace.connecting, hasRoom,
            begun - ended < pace.begun ?? .max
        else { return false }
        // Hosts that don't answer will hardly be a success.
        guard !areTooMany(failed + silent) else { return false }
        return begun % batchSize != 0 || begun == ended
    }

    private var hasRoom: Bool { inHand < pace.inHand ?? .max }

    /// Whether all that have begun have ended.
    var isOver: Bool { begun == ended }

    /// Whether hosts wait that could be begun if others turned out to be silent.
    var listens: Bool { begun < states.count && !leavesTheRest && !connecting.isEmpty }

    /// Looks who has been connecting since the last look: they keep nobody any longer.
    mutating func look() {
        for host in seen.intersection(connecting) {
            connecting.remove(host)
            states[host] = .silent
            silent += 1
            inHand -= 1
        }
        seen = connecting
    }

    /// A host is connected. Its work begins unless ``leavesTheRest``; then it is to be ended. One that was silent may have to
    /// wait for ``nextReady()``.
    mutating func connected(_ host: Int) {
        if states[host] == .silent {
            silent -= 1
            guard hasRoom || leavesTheRest else {
                states[host] = .ready
                return ready.append(host)
            }
            inHand += 1
        }
        connecting.remove(host)
        states[host] = .working
    }

    /// The next of those that are connected and wait, whose work begins unless ``leavesTheRest``; then it is to be ended.
    mutating func nextReady() -> Int? {
        guard let host = ready.first, hasRoom || leavesTheRest else { return nil }
        ready.removeFirst()
        inHand += 1
        states[host] = .working
        return host
    }

    mutating func ended(_ host: Int, failed hasFailed: Bool) {
        connecting.remove(host)
        if states[host] == .silent { silent -= 1 } else { inHand -= 1 }
        states[host] = .ended
        ended += 1
        if hasFailed { failed += 1 }
    }

    /// Begins no other host.
    mutating func stop() { isStopped = true }
}
