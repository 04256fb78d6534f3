public import Fleet
import Foundation
import Subprocess

/// A build, and where it is as far as that is known without asking hosts.
public struct ListedBuild: Hashable, Sendable {
    /// What is known of it.
    public var record: BuildRecord
    /// Whether its file is on this machine.
    public var isHere: Bool
    /// Whether its file is in the shared store; `nil` where there is none, or it could not be asked.
    public var isShared: Bool?
    /// Whether its file in the shared store cannot be what it was.
    public var isDamaged = false
    /// Stages whose hosts run it.
    public var stages: [String]
}

/// The builds that the journal knows and the stores hold.
public struct BuildCatalog: Sendable {
    /// Something odd about a build that is taken all the same.
    public enum Oddity: Hashable, Sendable {
        /// Everything in the file lies below one folder, which hosts would unpack as it is.
        case soleFolder(file: String, folder: String)
        /// It could not be put into the shared store.
        case unshared(BuildRecord, StoreError)
    }

    private let journal: any RunJournal
    private let store: BuildStore
    private let shared: SharedBuilds?
    private let controller: Controller
    private let listener: @Sendable (Oddity) -> Void

    /// The builds of `journal`, of `store` and of the store that several machines share; `controller` is who adds to them.
    public init(
        journal: any RunJournal, store: BuildStore, shared: SharedBuilds? = nil, controller: Controller,
        listener: @escaping @Sendable (Oddity) -> Void = { _ in }
    ) {
        self.journal = journal
        self.store = store
        self.shared = shared
        self.controller = controller
        self.listener = listener
    }

    /// Puts a file into the stores and records where it came from.
    ///
    /// - Parameters:
    ///   - name: What people call it; `nil` means the file's name.
    ///   - provenance: Where it came from, beside who added it on which machine, and git's commit.
    ///   - isToBeShared: Whether it has to be in the shared store as well; else that it is not is an oddity.
    /// - Throws: ``InputError`` for a file that is no build; ``StoreError``; ``JournalError``.
    public func add(
        _ file: String, name: String? = nil, provenance: [String: String] = [:], isToBeShared: Bool = true
    ) async throws -> BuildRecord {
        let (digest, size) = try await store.add(file)
        if let top = store.contents(of: digest)?.soleFolder {
            listener(.soleFolder(file: file, folder: top))
        }
        var origin = await origin(of: file)
        origin.merge(provenance) { _, given in given }
        let build = try await journal.add(
            BuildRecord(
                digest: digest, name: name ?? (file as NSString).lastPathComponent, size: size,
                addedAt: controller.now(), provenance: origin))
        do throws(StoreError) {
            try await shared?.add(store.path(of: digest), build)
        } catch {
            if isToBeShared { throw error.leaving(build) }
            listener(.unshared(build, error))
        }
        return build
    }

    /// All builds, newest first, and why the shared store could not be asked.
    /// - Throws: ``JournalError``.
    public func list() async throws(JournalError) -> (builds: [ListedBuild], fault: StoreError?) {
        var (index, fault): (SharedIndex?, StoreError?) = (nil, nil)
        do throws(StoreError) { index = try await shared?.index() } catch { fault = error }
        let shared = Dictionary(uniqueKeysWithValues: (index?.builds ?? []).map { ($0.digest, $0) })
        let known = try await journal.builds(prefix: "")
        let digests = Set(known.map(\.digest))
        let records = known + shared.values.map(\.record).filter { !digests.contains($0.digest) }
        let runs = try await running(index)
        let builds = records.map { record in
            ListedBuild(
                record: record, isHere: store.find(record.digest) != nil,
                isShared: index.map { _ in shared[record.digest] != nil },
                isDamaged: shared[record.digest]?.isDamaged ?? false, stages: runs[record.digest, default: []].sorted())
        }
        return (builds.sorted { $0.age > $1.age }, fault)
    }

    /// Which stages' hosts run each build, as the journal has it, and the shared store for stages that it does not know.
    private func running(_ index: SharedIndex?) async throws(JournalError) -> [BuildDigest: [String]] {
        var current: [String: BuildDigest] = [:]
        for use in index?.uses.values.map(\.self) ?? [] { current[use.stage] = use.current }
        for stage in try await journal.stages() { current[stage.stage] = stage.current ?? current[stage.stage] }
        return current.reduce(into: [:]) { $0[$1.value, default: []].append($1.key) }
    }

    /// The build that `text` names: a file, which is added, or the beginning of a digest.
    /// - Parameter asksStore: Whether the shared store is asked for one that the journal does not know.
    /// - Throws: ``InputError`` for what is neither; ``JournalError`` `.unknownBuild`, `.ambiguousBuild`; ``StoreError`` when
    ///   the shared store would have to be asked, and cannot be; as ``add(_:name:provenance:isToBeShared:)``.
    public func resolve(_ text: String, asksStore: Bool = true) async throws -> BuildRecord {
        if text.contains("/") || FileManager.default.fileExists(atPath: text) {
            return try await add(text, isToBeShared: false)
        }
        guard text.count >= 4, text.allSatisfy(\.isHexDigit) else {
            throw InputError(
                "'\(text)' is neither a file nor the beginning of a digest",
                hints: ["give a file, or at least 4 digits of a build's digest: drover build list"])
        }
        return try await BuildFinder(journal: journal, shared: asksStore ? shared : nil).find(text)
    }

    private func origin(of file: String) async -> [String: String] {
        var origin = ["user": controller.user, "host": controller.machine]
        let folder = (file as NSString).deletingLastPathComponent
        let words = ["-C", folder.isEmpty ? "." : folder, "rev-parse", "HEAD"]
        // A build from outside a repository, or a machine without git, has no commit to tell.
        let answer = try? await Subprocess.run(
            .name("git"), arguments: Arguments(words), output: .string(limit: 256), error: .discarded)
        if let answer, answer.terminationStatus.isSuccess {
            origin["commit"] = answer.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return origin
    }
}

extension ListedBuild {
    fileprivate var age: (Timestamp, String) { (record.addedAt, record.digest.description) }
}

extension StoreError {
    /// The same, of a build that is on this machine all the same.
    fileprivate func leaving(_ build: BuildRecord) -> Self {
        Self(
            code, place.name ?? "", message,
            hints: hints + ["build \(build.digest.release) is on this machine; share it by adding its file again"])
    }
}
