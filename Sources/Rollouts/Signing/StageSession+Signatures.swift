public import Fleet
import Synchronization

extension StageSession {
    /// Who has to vouch for builds of this stage.
    var signatureRule: SignatureRule? { site.stage.signatures ?? site.file.signatures }

    /// Makes sure that somebody vouches for a build who is allowed to, where the stage wants that.
    /// - Returns: Who does; `nil` where nobody has to.
    /// - Throws: ``StageError`` `.unsigned`; ``InputError`` where the files of the rule cannot be read.
    @discardableResult
    public func expectSigned(_ build: BuildDigest) async throws -> String? {
        guard let rule = signatureRule else { return nil }
        return try await drivers.vouching.once(build.file) {
            guard let record = try await journal.builds(prefix: build.file.description).first else {
                throw StageError.unsigned(BuildLabel(build, nil), by: [], rule, for: name)
            }
            let tar = drivers.builds.contents(of: build)?.tar
            let verdicts = try await BuildSigning().judge(record, tar: tar, by: rule)
            guard let signer = verdicts.lazy.compactMap(\.signer).first else {
                throw StageError.unsigned(BuildLabel(record), by: verdicts, rule, for: name)
            }
            tell(.signed(record, by: signer))
            return signer
        }
    }
}

/// Has each build's signatures looked at once, however many hosts it goes to.
final class BuildVouching: Sendable {
    private let lock = AsyncLock()
    private let known = Mutex<[BuildDigest: String]>([:])

    /// Who vouches for the build; `look` finds out, and is asked again as long as it throws.
    func once(_ build: BuildDigest, _ look: @Sendable () async throws -> String) async throws -> String {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            if let signer = known.withLock({ $0[build] }) { return signer }
            let signer = try await look()
            known.withLock { $0[build] = signer }
            return signer
        }
    }
}
