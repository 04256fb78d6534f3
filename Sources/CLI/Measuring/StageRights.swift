import Fleet
import Synchronization

/// Whose rights a stage's hosts are looked at with: root's, as rollouts have them, for balancers and databases answer others
/// nothing; where a host refuses these, the login's, which see less.
final class StageRights: Sendable {
    private let refused = Mutex<Set<HostName>>([])

    /// Does `work` with the rights that the host gives. One that refused root's is not asked for them again.
    func look<Answer>(
        over transport: any Transport, _ work: (Privilege) async throws(TransportError) -> Answer
    ) async throws(TransportError) -> Answer {
        if refused.withLock({ $0.contains(transport.host) }) { return try await work(.login) }
        do throws(TransportError) {
            return try await work(.root)
        } catch {
            guard error.code == .becomeFailed else { throw error }
            refused.withLock { _ = $0.insert(transport.host) }
            return try await work(.login)
        }
    }
}
