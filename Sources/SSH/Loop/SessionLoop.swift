import CLibSSH2
import Glibc
import HeapModule
import Synchronization

/// One thread that waits on `epoll`, and the executor of every actor whose sockets it watches.
final class SessionLoop: SerialExecutor, @unchecked Sendable {
    // `inbox` has its own lock; everything in `confined` is touched by the loop's thread alone.
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
        case fire(TriggerID)
    }

    private struct Inbox {
        var work: [Work] = []
        var isSignalled = false
    }

    private struct Confined {
        var watches: [UInt64: (Readiness) -> Void] = [:]
        var triggers: [TriggerID: () -> Void] = [:]
        var timers = Heap<LoopTimer>()
        var lastNumber: UInt64 = 0
    }

    private let poller: Int32
    /// Rings when something was posted from elsewhere; it never blocks.
    let bell: Int32
    private let inbox = Mutex(Inbox())
    private let thread = Atomic<UInt>(0)
    private var confined = Confined()

    /// Bytes for reading into; only for the length of one call on the loop's thread.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)

    /// Starts the thread. It runs as long as the process does.
    init() {
        poller = epoll_create1(O_CLOEXEC)
        bell = eventfd(0, O_CLOEXEC | O_NONBLOCK)
        precondition(poller >= 0 && bell >= 0, "no descriptors left for an event loop")
        drover_epoll_control(poller, EPOLL_CTL_ADD, bell, EPOLLIN.rawValue, 0)
        var handle = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failure = pthread_create(&handle, nil, runSessionLoop, context)
        precondition(failure == 0, "no thread left for an event loop")
        pthread_detach(handle)
    }

    // MARK: Executor

    func enqueue(_ job: consuming ExecutorJob) { post(.job(UnownedJob(job))) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() { precondition(isCurrent, "a session was used off its loop") }

    /// Whether the calling thread is the loop's.
    var isCurrent: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Calls `body` on the loop's thread, after what is there already.
    func post(_ body: @escaping @Sendable () -> Void) { post(.call(body)) }

    private func post(_ work: Work) {
        let mustRing = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.isSignalled = true }
            return !inbox.isSignalled
        }
        if mustRing, !isCurrent { ring() }
    }

    private func ring() {
        var one: UInt64 = 1
        write(bell, &one, 8)
    }

    // MARK: Triggers and timers, on the loop's thread

    /// Keeps `body` to be called by ``fire(_:)``, from any thread, at most once.
    func trigger(_ body: @escaping () -> Void) -> TriggerID {
        assert(isCurrent)
        confined.lastNumber += 1
        let id = TriggerID(number: confined.lastNumber)
        confined.triggers[id] = body
        return id
    }

    /// Calls `body` once `delay` has passed, unless it is dropped before.
    func after(_ delay: Duration, _ body: @escaping () -> Void) -> TriggerID {
        let id = trigger(body)
        confined.timers.insert(LoopTimer(moment: .now + min(delay, Self.longestDelay), id: id))
        return id
    }

    /// Ten years: a delay that somebody wrote down may be longer than moments reach.
    private static let longestDelay: Duration = .seconds(315_360_000)

    /// Forgets a trigger or a timer. Safe to repeat.
    func drop(_ id: TriggerID?) {
        guard let id else { return }
        confined.triggers[id] = nil
        if confined.timers.count > 64, confined.timers.count > 4 * confined.triggers.count {
            confined.timers = Heap(confined.timers.unordered.filter { confined.triggers[$0.id] != nil })
        }
    }

    /// Lets a trigger go off, from any thread.
    func fire(_ id: TriggerID) { post(.fire(id)) }

    // MARK: Descriptors, on the loop's thread

    /// Calls `body` whenever `descriptor` is ready for what the watch is interested in.
    func watch(_ descriptor: Int32, for interest: Readiness, _ body: @escaping (Readiness) -> Void) -> Watch {
        assert(isCurrent)
        confined.lastNumber += 1
        let watch = Watch(descriptor: descriptor, number: confined.lastNumber)
        confined.watches[watch.number] = body
        control(EPOLL_CTL_ADD, watch, interest)
        return watch
    }

    /// Changes what a watch is interested in.
    func adjust(_ watch: Watch, to interest: Readiness) { control(EPOLL_CTL_MOD, watch, interest) }

    /// Ends a watch; call it before the descriptor is closed.
    func end(_ watch: Watch) {
        guard confined.watches.removeValue(forKey: watch.number) != nil else { return }
        control(EPOLL_CTL_DEL, watch, [])
    }

    private func control(_ operation: Int32, _ watch: Watch, _ interest: Readiness) {
        drover_epoll_control(poller, operation, watch.descriptor, interest.events, watch.number)
    }

    // MARK: The thread

    fileprivate func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            drainInbox()
            fireTimers()
            let hasWork = inbox.withLock { inbox in
                if inbox.work.isEmpty { inbox.isSignalled = false }
                return !inbox.work.isEmpty
            }
            let count = epoll_wait(poller, &events, Int32(events.count), hasWork ? 0 : untilNextTimer())
            for event in events.prefix(Int(max(0, count))) { dispatch(event) }
        }
    }

    private func drainInbox() {
        let work = inbox.withLock { inbox in
            defer { inbox.work.removeAll() }
            return inbox.work
        }
        for item in work {
            switch item {
            case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
            case .call(let body): body()
            case .fire(let id): confined.triggers.removeValue(forKey: id)?()
            }
        }
    }

    private func fireTimers() {
        guard confined.timers.min != nil else { return }
        let now = ContinuousClock.now
        while let first = confined.timers.min, first.moment <= now {
            confined.timers.removeMin()
            confined.triggers.removeValue(forKey: first.id)?()
        }
    }

    private func untilNextTimer() -> Int32 {
        guard let first = confined.timers.min else { return -1 }
        let left = first.moment - .now
        guard left > .zero else { return 0 }
        return Int32(
            clamping: (left.components.seconds * 1000) + left.components.attoseconds / 1_000_000_000_000_000 + 1)
    }

    private func dispatch(_ event: epoll_event) {
        let number = event.data.u64
        if number == 0 {
            var rings: UInt64 = 0
            read(bell, &rings, 8)
        } else {
            confined.watches[number]?(Readiness(events: event.events))
        }
    }
}

private func runSessionLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    pthread_setname_np(pthread_self(), "drover-loop")
    Unmanaged<SessionLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}

/// What a descriptor is ready for, or is watched for.
struct Readiness: OptionSet {
    let rawValue: UInt8
    static let reading = Self(rawValue: 1)
    static let writing = Self(rawValue: 2)
    /// The other end is gone, or the descriptor has an error; comes unasked.
    static let broken = Self(rawValue: 4)
}

extension Readiness {
    fileprivate var events: UInt32 {
        (contains(.reading) ? EPOLLIN.rawValue : 0) | (contains(.writing) ? EPOLLOUT.rawValue : 0)
    }

    fileprivate init(events: UInt32) {
        self = []
        if events & EPOLLIN.rawValue != 0 { insert(.reading) }
        if events & EPOLLOUT.rawValue != 0 { insert(.writing) }
        if events & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 { insert(.broken) }
    }
}

/// A descriptor that a loop watches.
struct Watch: Hashable {
    let descriptor: Int32
    let number: UInt64
}
