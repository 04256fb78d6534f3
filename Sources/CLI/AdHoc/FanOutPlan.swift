import Rollouts

/// How many hosts are begun when.
struct Pace: Sendable, Equatable {
    /// How many hosts are in hand at once, from connecting to their end; `nil` means any number.
    var inHand: Int?
    /// How many hosts wait for their connection at once.
    var connecting = 300
    /// Hosts go in batches of this size: the next one begins when the last one has ended.
    var batch: BatchSize?
    /// No further host is begun once more than so many percent of all have failed.
    var failPercent: Int?
}

/// Which hosts are begun next. It is told what has happened, and acts on nothing itself.
struct FanOutPlan: Sendable {
    enum State: Sendable, Equatable {
        /// Not begun. Leaves to `connecting`.
        case waiting
        /// Leaves to `working`, or to `ended` when there is no connection or its work is not wanted any more.
        case connecting
        /// Leaves to `ended`.
        case working
        case ended
    }

    private(set) var states: [State]
    private let pace: Pace
    private let batchSize: Int
    private var begun = 0
    private var connecting = 0
    private var inHand = 0
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
    var hasTooManyFailures: Bool {
        guard let limit = pace.failPercent else { return false }
        return failed * 100 > limit * states.count
    }

    /// The hosts to begin with now, as indices.
    mutating func next() -> Range<Int> {
        let first = begun
        while canBegin {
            states[begun] = .connecting
            begun += 1
            connecting += 1
            inHand += 1
        }
        return first..<begun
    }

    private var canBegin: Bool {
        guard begun < states.count, !leavesTheRest, connecting < pace.connecting, inHand < pace.inHand ?? .max else {
            return false
        }
        return begun % batchSize != 0 || inHand == 0
    }

    /// A host is connected. Its work begins unless ``leavesTheRest``; then it is to be ended.
    mutating func connected(_ host: Int) {
        connecting -= 1
        states[host] = .working
    }

    mutating func ended(_ host: Int, failed hasFailed: Bool) {
        if states[host] == .connecting { connecting -= 1 }
        states[host] = .ended
        inHand -= 1
        if hasFailed { failed += 1 }
    }

    /// Begins no other host.
    mutating func stop() { isStopped = true }
}
