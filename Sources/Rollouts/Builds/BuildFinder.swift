import Fleet

/// Finds builds by their names and by the beginnings of their digests: those that the journal knows, and those of the shared
/// store.
struct BuildFinder: Sendable {
    let journal: any RunJournal
    let shared: SharedBuilds?

    /// So many digits of a digest are enough to name a build.
    private static let fewestDigits = 4

    /// The one build that `text` names. What only the shared store knows of it is taken over.
    /// - Throws: ``JournalError`` `.unknownBuild`, `.ambiguousBuild`; ``StoreError`` when the shared store would have to be
    ///   asked, and cannot be.
    func find(_ text: String) async throws -> BuildRecord {
        if let build = try Self.only(await known(text), text) { return build }
        guard let shared, !text.isEmpty else { throw JournalError.unknownBuild(text) }
        let found = try await shared.index().builds.map(\.record).filter { Self.names(text, $0) }
        guard let build = try Self.only(found, text) else { throw JournalError.unknownBuild(text) }
        return try await journal.add(build)
    }

    /// The builds that `text` names, as far as the journal knows.
    func known(_ text: String) async throws(JournalError) -> [BuildRecord] {
        guard !text.isEmpty else { return [] }
        return try await journal.builds(prefix: "").filter { Self.names(text, $0) }
    }

    /// Whether `text` can be the beginning of a digest.
    static func isDigest(_ text: String) -> Bool {
        (fewestDigits...64).contains(text.utf8.count) && text.lowercased().utf8.allSatisfy(Hex.isLowerDigit)
    }

    private static func names(_ text: String, _ build: BuildRecord) -> Bool {
        build.names.contains(text) || isDigest(text) && build.digest.description.hasPrefix(text.lowercased())
    }

    private static func only(_ found: [BuildRecord], _ text: String) throws(JournalError) -> BuildRecord? {
        guard found.count <= 1 else { throw .ambiguousBuild(text, found) }
        return found.first
    }
}
