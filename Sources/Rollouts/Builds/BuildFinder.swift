import Fleet

/// Finds builds by the beginnings of their digests: those that the journal knows, and those of the shared store.
struct BuildFinder: Sendable {
    let journal: any RunJournal
    let shared: SharedBuilds?

    /// The one build whose digest begins with `prefix`. What only the shared store knows of it is taken over.
    /// - Throws: ``JournalError`` `.unknownBuild`, `.ambiguousBuild`; ``StoreError`` when the shared store would have to be
    ///   asked, and cannot be.
    func find(_ prefix: String) async throws -> BuildRecord {
        let prefix = prefix.lowercased()
        guard let shared, !prefix.isEmpty, try await journal.builds(prefix: prefix).isEmpty else {
            return try await journal.build(prefix)
        }
        let found = try await shared.index().builds(prefix: prefix).map(\.record)
        guard let build = found.first else { throw JournalError.unknownBuild(prefix) }
        guard found.count == 1 else { throw JournalError.ambiguousBuild(prefix, found) }
        return try await journal.add(build)
    }
}
