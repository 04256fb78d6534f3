import Fleet

/// Finds builds by their names and by the beginnings of their digests, or else by their versions, or else by the commits they
/// were made of: those that the journal knows, and those of the shared store.
struct BuildFinder: Sendable {
    let journal: any RunJournal
    let shared: SharedBuilds?

    /// So many digits of a digest are enough to name a build.
    private static let fewestDigits = 4
    /// So many digits of a commit are, as git shows them.
    private static let fewestCommitDigits = 7

    /// The one build that `text` names. What only the shared store knows of it is taken over.
    /// - Throws: ``JournalError`` `.unknownBuild`, `.ambiguousBuild`; ``StoreError`` when the shared store would have to be
    ///   asked, and cannot be.
    func find(_ text: String) async throws -> BuildRecord {
        if let build = try Self.only(await known(text), text) { return build }
        guard let shared, !text.isEmpty else { throw JournalError.unknownBuild(text) }
        let found = Self.named(text, among: try await shared.index().builds.map(\.record))
        guard let build = try Self.only(found, text) else { throw JournalError.unknownBuild(text) }
        return try await journal.add(build)
    }

    /// The builds that `text` names, as far as the journal knows.
    func known(_ text: String) async throws(JournalError) -> [BuildRecord] {
        guard !text.isEmpty else { return [] }
        return Self.named(text, among: try await journal.builds(prefix: ""))
    }

    /// Whether `text` can be the beginning of a digest.
    static func isDigest(_ text: String) -> Bool {
        (fewestDigits...64).contains(text.utf8.count) && text.lowercased().utf8.allSatisfy(Hex.isLowerDigit)
    }

    /// A name that somebody gave goes before what was noted of a build's origin.
    private static func named(_ text: String, among builds: [BuildRecord]) -> [BuildRecord] {
        for names in [isName, isVersion, isCommit] {
            let found = builds.filter { names(text, $0) }
            if !found.isEmpty { return found }
        }
        return []
    }

    private static func isName(_ text: String, of build: BuildRecord) -> Bool {
        build.names.contains(text) || isDigest(text) && build.digest.description.hasPrefix(text.lowercased())
    }

    private static func isVersion(_ text: String, of build: BuildRecord) -> Bool {
        build.provenance["version"] == text
    }

    /// A build of a changed tree is none of the commit below it.
    private static func isCommit(_ text: String, of build: BuildRecord) -> Bool {
        guard isDigest(text), text.utf8.count >= fewestCommitDigits, build.provenance["dirty"] == nil else {
            return false
        }
        return build.provenance["commit"]?.hasPrefix(text.lowercased()) == true
    }

    private static func only(_ found: [BuildRecord], _ text: String) throws(JournalError) -> BuildRecord? {
        guard found.count <= 1 else { throw .ambiguousBuild(text, found) }
        return found.first
    }
}
