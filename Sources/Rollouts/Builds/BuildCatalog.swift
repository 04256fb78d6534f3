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
    /// What is told of a build that is taken: how it was made, or something odd about it.
    public enum Remark: Sendable {
        /// Everything in the file lies below one folder, which hosts would unpack as it is.
        case soleFolder(file: String, folder: String)
        /// A folder was packed.
        case packed(PackedFolder)
        /// Everything in a folder that was packed lies below one of its own.
        case solePackedFolder(folder: String, inner: String)
        /// The same content is there already. It is found by the name it got now as well; of where it comes from, what was
        /// said first stays.
        case known(BuildRecord, newName: String?, newCommit: String?)
        /// Other builds have the name as well.
        case sameName(BuildRecord, others: [BuildRecord])
        /// It could not be put into the shared store.
        case unshared(BuildRecord, StoreError)
    }

    let journal: any RunJournal
    let store: BuildStore
    let shared: SharedBuilds?
    let controller: Controller
    private let terms: PackingTerms
    private let listener: @Sendable (Remark) -> Void

    /// The builds of `journal`, of `store` and of the store that several machines share; `controller` is who adds to them, and
    /// folders are packed by `terms`.
    public init(
        journal: any RunJournal, store: BuildStore, shared: SharedBuilds? = nil, controller: Controller,
        terms: PackingTerms = PackingTerms(), listener: @escaping @Sendable (Remark) -> Void = { _ in }
    ) {
        self.journal = journal
        self.store = store
        self.shared = shared
        self.controller = controller
        self.terms = terms
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
        let origin = await origin(of: file).merging(provenance) { _, given in given }
        let (digest, size) = try await store.add(file)
        if let top = store.contents(of: digest)?.soleFolder {
            listener(.soleFolder(file: file, folder: top))
        }
        let fileName = (file as NSString).lastPathComponent
        return try await record(
            digest, size, name: name ?? fileName, isChosen: name != nil, origin, isToBeShared: isToBeShared)
    }

    /// Packs a folder, puts it into the stores and records where it came from.
    ///
    /// - Parameters:
    ///   - terms: How it is packed; `nil` as the catalog's do.
    ///   - provenance: Where it came from, beside who packed it on which machine, its name, its version and git's commit.
    ///   - isToBeShared: As for ``add(_:name:provenance:isToBeShared:)``.
    /// - Throws: ``InputError`` for what cannot be packed; ``StoreError``; ``JournalError``.
    public func make(
        _ folder: String, _ terms: PackingTerms? = nil, provenance: [String: String] = [:], isToBeShared: Bool = true
    ) async throws -> BuildRecord {
        var terms = terms ?? self.terms
        terms.excluded += [(store.folder as NSString).deletingLastPathComponent]
        let workshop = try store.workshop()
        defer { workshop.clear() }
        let packed = try await BuildPacking(terms).pack(folder, to: workshop.packed)
        listener(.packed(packed))
        let (digest, size) = try await store.add(packed.path)
        if let inner = packed.soleFolder { listener(.solePackedFolder(folder: folder, inner: inner)) }
        let origin = ["user": controller.user, "host": controller.machine]
            .merging(packed.provenance) { _, packed in packed }.merging(provenance) { _, given in given }
        return try await record(
            digest, size, name: packed.name, isChosen: true, origin, isToBeShared: isToBeShared)
    }

    /// - Parameter isChosen: Whether somebody chose the name: files of many builds are called the same, and nobody wonders.
    private func record(
        _ digest: BuildDigest, _ size: Int64, name: String, isChosen: Bool, _ origin: [String: String],
        isToBeShared: Bool
    ) async throws -> BuildRecord {
        let known = try await journal.builds(prefix: digest.description).first
        let build = try await journal.add(
            BuildRecord(
                digest: digest, name: name, size: size, addedAt: controller.now(), provenance: origin,
                tar: store.contents(of: digest)?.tar))
        try refuseOtherTar(of: build)
        if let known { tell(known, name: name, origin) }
        if isChosen, known?.names.contains(name) != true {
            let others = try await journal.builds(prefix: "").filter {
                $0.digest != digest && $0.names.contains(name)
            }
            if !others.isEmpty { listener(.sameName(build, others: others)) }
        }
        do throws(StoreError) {
            try await shared?.add(store.path(of: digest), build)
        } catch {
            if isToBeShared { throw error.leaving(build) }
            listener(.unshared(build, error))
        }
        return build
    }

    /// What is noted of a build elsewhere, such as on hosts, may be somebody's who wishes another tar to pass for it.
    /// - Throws: ``InputError`` where the build's own file holds another tar than is noted.
    func refuseOtherTar(of build: BuildRecord) throws(InputError) {
        guard let found = store.find(build.digest), !found.isRepacked, let tar = found.tar, let noted = build.tar,
            tar != noted
        else { return }
        throw InputError(
            "it is noted of \(BuildLabel(build)) that it holds the tar \(noted), but it holds \(tar)",
            hints: [
                "find out who noted that: a host, or another controller",
                "forget it with: drover build remove \(build.digest.release) --force; and add the file again",
            ])
    }

    private func tell(_ known: BuildRecord, name: String, _ origin: [String: String]) {
        let newName = known.names.contains(name) ? nil : name
        let commit = known.provenance["commit"]
        let newCommit = commit == origin["commit"] ? nil : origin["commit"]
        guard newName != nil || newCommit != nil else { return }
        listener(.known(known, newName: newName, newCommit: newCommit))
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
        return current.reduce(into: [:]) { $0[$1.value.file, default: []].append($1.key) }
    }

    /// The build that `text` names: a folder, which is packed, or a file, either of which is added; else a build's name, the
    /// beginning of its digest, its version or its commit.
    /// - Parameter asksStore: Whether the shared store is asked for one that the journal does not know.
    /// - Throws: ``InputError`` for what is neither, and for what is both; ``JournalError`` `.unknownBuild`, `.ambiguousBuild`;
    ///   ``StoreError`` when the shared store would have to be asked, and cannot be; as
    ///   ``add(_:name:provenance:isToBeShared:)`` and ``make(_:_:provenance:isToBeShared:)``.
    public func resolve(_ text: String, asksStore: Bool = true) async throws -> BuildRecord {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: text, isDirectory: &isFolder) {
            try await refuseTwoMeanings(of: text, isFolder: isFolder.boolValue)
            return isFolder.boolValue
                ? try await make(text, isToBeShared: false) : try await add(text, isToBeShared: false)
        }
        do {
            return try await BuildFinder(journal: journal, shared: asksStore ? shared : nil).find(text)
        } catch let error as JournalError where error.code == .unknownBuild && asksStore && !Self.isDigest(text) {
            let names = try await journal.builds(prefix: "").map(\.name)
            throw InputError(
                .unknownName, "there is no file or folder '\(text)', and no build that is called so",
                hints: NearestNames.hints(for: text, among: names) + [
                    "name a folder, a file, or a build by its name, version, commit or 4 digits of its digest: drover build list"
                ])
        }
    }

    /// Whether `text` can be the beginning of a digest.
    public static func isDigest(_ text: String) -> Bool { BuildFinder.isDigest(text) }

    /// A path with a slash is only a path; a file that is the build itself is no other.
    private func refuseTwoMeanings(of text: String, isFolder: Bool) async throws {
        guard !text.contains("/") else { return }
        let known = try await BuildFinder(journal: journal, shared: nil).known(text)
        guard let build = known.first else { return }
        if !isFolder, known.count == 1, BuildStore.digest(of: text) == build.digest { return }
        throw InputError(
            "'\(text)' is a \(isFolder ? "folder" : "file") here, and names build \(BuildLabel(build)) as well",
            hints: ["the \(isFolder ? "folder" : "file") is meant by ./\(RemoteCommand.quote(text))"]
                + known.prefix(5).map { "build \($0.name), added \($0.addedAt), is meant by \($0.digest.release)" })
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
            hints: hints + ["build \(BuildLabel(build)) is on this machine; share it by adding its file again"])
    }
}
