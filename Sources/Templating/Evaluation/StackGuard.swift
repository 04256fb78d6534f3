import Glibc

/// Watches how much of the thread's stack an evaluation takes, so that no template and no data can exhaust it: things
/// nest by templates that name others, by blocks that call themselves, and by lists that hold themselves.
enum StackGuard {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Half of what threads have.
    private static let allowance: UInt = {
        var limit = rlimit()
        let usual: UInt = 2 << 20
        guard getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0, limit.rlim_cur < 64 << 20 else {
            return usual / 2
        }
        return UInt(limit.rlim_cur) / 2
    }()

    /// Runs an evaluation, the stack below which is watched.
    static func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard pthread_getspecific(key) == nil else { return try body() }
        pthread_setspecific(key, UnsafeMutableRawPointer(bitPattern: place))
        defer { pthread_setspecific(key, nil) }
        return try body()
    }

    /// Where the stack is now.
    private static var place: UInt {
        var mark: UInt8 = 0
        return withUnsafePointer(to: &mark) { UInt(bitPattern: $0) }
    }

    /// Whether nothing may nest any deeper.
    static var isLow: Bool {
        guard let top = pthread_getspecific(key) else { return false }
        let (used, isAbove) = UInt(bitPattern: top).subtractingReportingOverflow(place)
        return !isAbove && used > allowance
    }

    /// - Throws: `.type` when nothing may nest any deeper.
    static func check() throws {
        if isLow { throw TemplateError.type("nested too deeply, or without end") }
    }
}

/// Lets containers go one after the other: each that lets go of its items as part of its own end would nest as deep as
/// they do.
enum Release {
    private final class Queue {
        var slots: [[Slot]] = []
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Takes over what a container held, which is to end; nobody else may hold it then.
    static func take(_ slots: inout [Slot]) {
        guard slots.contains(where: \.holdsContainer) else { return }
        if let running = pthread_getspecific(key) {
            Unmanaged<Queue>.fromOpaque(running).takeUnretainedValue().slots.append(slots)
            return slots = []
        }
        let queue = Queue()
        queue.slots.append(slots)
        slots = []
        pthread_setspecific(key, Unmanaged.passUnretained(queue).toOpaque())
        defer { pthread_setspecific(key, nil) }
        while !queue.slots.isEmpty { queue.slots.removeLast() }
    }
}

extension Slot {
    /// Whether other containers may nest in it.
    var holdsContainer: Bool {
        guard case .ready(let object) = self else { return true }
        return object.isContainer
    }
}

extension Object {
    /// Whether other objects may nest in it.
    var isContainer: Bool {
        switch self {
        case .list, .tuple, .dict: true
        default: false
        }
    }
}
