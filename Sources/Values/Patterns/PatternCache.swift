public import Fleet
import Synchronization

/// Regular expressions that were read already, for as long as their owner lives.
///
/// Bounded: when it is full, it begins anew, so a template that makes a new pattern for each host costs time, not memory.
public final class PatternCache: Sendable {
    private struct Key: Hashable {
        /// Bytes: to Swift, texts that look alike are equal.
        var source: [UInt8]
        var options: PythonPattern.Options
    }

    private let most: Int
    private let known = Mutex<[Key: PythonPattern]>([:])

    /// A cache of at most `most` patterns.
    public init(most: Int = 500) { self.most = most }

    /// The pattern over text that `source` is; read once.
    /// - Throws: as ``PythonPattern/init(_:_:over:)``.
    public func pattern(
        _ source: String, _ options: PythonPattern.Options = []
    ) throws(InputError) -> PythonPattern {
        let key = Key(source: Array(source.utf8), options: options)
        if let pattern = known.withLock({ $0[key] }) { return pattern }
        let pattern = try PythonPattern(source, options)
        known.withLock { known in
            if known.count >= most { known.removeAll(keepingCapacity: true) }
            known[key] = pattern
        }
        return pattern
    }
}
