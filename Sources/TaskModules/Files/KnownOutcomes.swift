import Synchronization

/// What an edit has made of contents lately: files that are alike on many hosts are edited once.
final class KnownOutcomes: Sendable {
    private let known = Mutex<[(bytes: [UInt8], outcome: FileEdit.Outcome)]>([])
    /// So many contents are kept, the latest ones.
    private static let most = 4
    /// Larger contents are edited each time.
    private static let largest = 1 << 18

    /// What the edit makes of `bytes`.
    /// - Throws: What `edit` throws.
    func outcome(
        for bytes: [UInt8], _ edit: ([UInt8]) throws -> FileEdit.Outcome
    ) rethrows -> FileEdit.Outcome {
        if let known = known.withLock({ known in known.first { $0.bytes == bytes }?.outcome }) { return known }
        let outcome = try edit(bytes)
        if bytes.count <= Self.largest {
            known.withLock { known in
                if known.count >= Self.most { known.removeFirst() }
                known.append((bytes, outcome))
            }
        }
        return outcome
    }
}
