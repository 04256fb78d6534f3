/// What is known of one host with one privilege.
public struct Snapshot: Sendable {
    /// What was answered together, the latest last.
    private var parts: [ProbeAnswers] = []
    /// More parts than this become one.
    private static let mostParts = 6

    /// Nothing is known.
    public init() {}

    /// The answer to `probe`, `nil` when it has not been asked or has become stale.
    public subscript(probe: Probe) -> Answer? {
        get {
            for part in parts.reversed() {
                if let answer = part[probe] { return answer }
            }
            return nil
        }
        set {
            forget { $0 == probe }
            if let newValue { merge(ProbeAnswers([probe: newValue])) }
        }
    }

    /// Those of `probes` that have no answer.
    public func missing(_ probes: [Probe]) -> [Probe] { probes.filter { self[$0] == nil } }

    /// Takes over answers, which are later than all that is known.
    public mutating func merge(_ answers: ProbeAnswers) {
        parts.append(answers)
        guard parts.count > Self.mostParts else { return }
        let known = parts.flatMap(\.pairs)
        parts = [ProbeAnswers(Dictionary(known.map { ($0.probe, $0.answer) }) { $1 })]
    }

    /// Forgets what a change may have altered.
    public mutating func forget(_ touch: Touch) {
        switch touch {
        case .nothing: break
        case .everything: forget { !$0.isLasting }
        case .paths(let paths): forget { $0.isAbout(anyOf: paths) }
        }
    }

    private mutating func forget(_ isStale: (Probe) -> Bool) {
        for index in parts.indices { parts[index].forget(isStale) }
        parts.removeAll { $0.isEmpty }
    }
}
