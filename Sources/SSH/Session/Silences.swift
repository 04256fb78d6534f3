import Fleet
import Synchronization

/// Who kept silent when one command came to them, so that it waits for each once, and not again at every step.
///
/// A host is waited for as long as connecting may take, in all: a wait that was cut short is gone on with by the next one.
/// Whoever is silent for so long is dead, and is not waited for again, but looked for briefly now and then: one that has come
/// back answers at once. A sign of life forgets it all.
final class Silences: Sendable {
    /// What of a way to a host can be silent by itself.
    enum Part: Hashable, Sendable {
        /// One of the host's addresses, which nobody answers at.
        case address(String)
        /// A jump host's tunnel to it.
        case tunnel
        /// Its sshd, which says nothing to whoever has connected.
        case greeting
        /// The installed `ssh`, which does all of it.
        case client
        /// All of it, on a connection that there was.
        case connection
    }

    private let now: @Sendable () -> ContinuousClock.Instant
    private let ways = Mutex<[String: [Part: Silence]]>([:])

    init(now: @escaping @Sendable () -> ContinuousClock.Instant) { self.now = now }

    /// For how long part of the way to `endpoint` may be waited for now; `nil` for not at all.
    func patience(with part: Part, of endpoint: Endpoint) -> Duration? {
        let way = ways.withLock { $0[endpoint.wayThere] }
        let silence = way?[part] ?? (part == .greeting ? nil : way?[.connection])
        return silence.map { $0.patience(endpoint.connectTimeout, at: now()) } ?? endpoint.connectTimeout
    }

    /// How a wait ended that began at `began`: with a sign of life, if only a refusal, or in vain.
    func note(_ hasAnswered: Bool, by part: Part, of endpoint: Endpoint, since began: ContinuousClock.Instant) {
        let (now, usual, time) = (now(), endpoint.connectTimeout, ContinuousClock.now - began)
        ways.withLock { ways in
            var way = ways.removeValue(forKey: endpoint.wayThere) ?? [:]
            var silence = way.removeValue(forKey: part) ?? way[.connection] ?? Silence()
            way[.connection] = nil
            if !hasAnswered {
                silence.goOn(for: time, usual, at: now)
                way[part] = silence
            }
            if !way.isEmpty { ways[endpoint.wayThere] = way }
        }
    }

    /// There was a connection, on which the host was silent for so long: it is dead, and looked for when it is next asked.
    func lost(_ endpoint: Endpoint, after time: Duration) {
        ways.withLock { $0[endpoint.wayThere] = [.connection: Silence(time)] }
    }

    /// Forgets it all of a host that is waited for because it should come back.
    func forget(_ endpoint: Endpoint) { ways.withLock { $0[endpoint.wayThere] = nil } }
}

/// How one place kept silent, and when it is worth asking there again.
struct Silence: Sendable {
    private var waited: Duration
    private var lastLook: ContinuousClock.Instant?
    private var looks = 0

    /// Enough for one that answers by now, where a round trip takes no longer.
    static let firstLook: Duration = .milliseconds(300)
    private static let longestLook: Duration = .seconds(2)
    /// So many times as long as a look takes passes before it: looking costs a tenth of what else is done.
    static let rest = 10

    /// - Parameter waited: For how long it was silent.
    init(_ waited: Duration = .zero) { self.waited = waited }

    /// For how long the place may be waited for now, when `usual` is enough for one that lives; `nil` for not at all.
    func patience(_ usual: Duration, at now: ContinuousClock.Instant) -> Duration? {
        guard waited >= usual else { return max(usual - waited, min(usual, Self.firstLook)) }
        let look = min(Self.longestLook, Self.firstLook * (1 << min(looks, 10)))
        guard let lastLook, now - lastLook < look * Self.rest else { return min(usual, look) }
        return nil
    }

    /// Somebody waited in vain for so long.
    mutating func goOn(for time: Duration, _ usual: Duration, at now: ContinuousClock.Instant) {
        if waited >= usual { looks += 1 }
        waited += time
        lastLook = now
    }
}

extension Endpoint {
    /// What tells one way to a host from another: its address, and the jump hosts before it.
    fileprivate var wayThere: String { (jumps + [self]).map { "\($0.address):\($0.port)" }.joined(separator: ">") }
}
