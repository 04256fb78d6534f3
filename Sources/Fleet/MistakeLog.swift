import Synchronization

/// The mistakes of what is read, where reading is to go on after the first.
///
/// Readers hand it what they would have thrown; what depends on a mistaken part is left out, so that one mistake is told once.
public final class MistakeLog: Sendable {
    private let noted = Mutex<[InputError]>([])

    /// An empty one.
    public init() {}

    /// Takes a mistake.
    public func note(_ mistake: InputError) {
        noted.withLock { if !$0.contains(mistake) { $0.append(mistake) } }
    }

    /// Does `work`; a mistake in it is noted, and there is no answer.
    public func attempt<Answer>(_ work: () throws(InputError) -> Answer) -> Answer? {
        do { return try work() } catch {
            note(error)
            return nil
        }
    }

    /// How many there are.
    public var count: Int { noted.withLock(\.count) }

    /// All of them, each once, in the order in which they were noted.
    public var all: [InputError] { noted.withLock(\.self) }
}

extension MistakeLog? {
    /// Takes a mistake that can be gone on from.
    /// - Throws: it, where nobody collects mistakes.
    public func pass(_ mistake: InputError) throws(InputError) {
        guard let self else { throw mistake }
        self.note(mistake)
    }
}
