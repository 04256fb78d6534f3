import Crypto
public import Fleet
import Foundation

/// Builds by their SHA-256, in one folder of this machine.
public struct BuildStore: Sendable {
    /// Holds the builds, by their digests.
    public let folder: String
    /// Holds what was found in each build, by its digest.
    private let contentsFolder: String

    /// The store below `stateFolder`.
    public init(stateFolder: String) {
        folder = stateFolder + "/builds"
        contentsFolder = stateFolder + "/contents"
    }

    /// Where a build lies, whether or not it is there.
    public func path(of digest: BuildDigest) -> String { "\(folder)/\(digest.file)" }

    /// Where a build's file lies; `nil` when it is not here.
    func filePath(of digest: BuildDigest) -> String? {
        Self.size(of: path(of: digest)) == nil ? nil : path(of: digest)
    }

    /// Where a build's tar lies, packed anew, in place of its file.
    private func repackedPath(of digest: BuildDigest) -> String { path(of: digest) + Self.repacked }
    private static let repacked = ".tar"

    /// Where a build lies here in one way or the other, its file first; `nil` when it does not.
    private func place(of digest: BuildDigest) -> String? {
        [path(of: digest), repackedPath(of: digest)].first { Self.size(of: $0) != nil }
    }

    /// The build of that digest; `nil` when it is not here.
    public func find(_ digest: BuildDigest) -> StoredBuild? {
        guard let path = place(of: digest), let kind = ArchiveKind(head: Self.head(of: path)) else { return nil }
        let contents = contents(of: digest)
        var build = StoredBuild(digest: digest.file, path: path, kind: kind, extent: contents?.extent)
        (build.tar, build.tarSize) = (contents?.tar, contents?.tarSize)
        build.isRepacked = path.hasSuffix(Self.repacked)
        return build
    }

    /// Removes a build and what was found in it. Safe to repeat.
    /// - Returns: How many bytes it had.
    /// - Throws: ``StoreError`` when it cannot be removed.
    func remove(_ digest: BuildDigest) throws(StoreError) -> Int64 {
        var freed: Int64 = 0
        for path in [path(of: digest), repackedPath(of: digest), "\(contentsFolder)/\(digest.file).json"] {
            guard let size = Self.size(of: path) else { continue }
            guard unlink(path) == 0 || errno == ENOENT else {
                throw StoreError(removingFrom: folder, reason: String(cString: strerror(errno)))
            }
            freed += size
        }
        return freed
    }

    /// Copies `file` into the store and checks that hosts will be able to unpack it.
    ///
    /// The build appears whole and durable, or not at all. Safe to repeat.
    /// - Throws: ``InputError`` for a file that cannot be read, or is no archive that may be unpacked on a host;
    ///   ``StoreError`` when the store cannot be written to.
    public func add(_ file: String) async throws -> (digest: BuildDigest, size: Int64) {
        let place = SourceLocation(file: file)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw InputError(
                "there is no such build", at: place, hints: ["name a file, or a digest: drover build list"])
        }
        if isFolder.boolValue {
            throw InputError(
                "a build is a file, not a folder", at: place,
                hints: ["pack it: drover build make \(RemoteCommand.quote(file))"])
        }
        guard let kind = ArchiveKind(head: Self.head(of: file)) else {
            throw InputError(
                "the file is \(ForeignArchive(head: Self.head(of: file))?.words ?? "no tar archive")", at: place,
                hints: ["pack the build as .tar.gz, .tar.zst or .tar"])
        }
        let contents = try await TarArchive(path: file, kind: kind).check()
        do {
            let (digest, size) = try copy(file)
            guard size == contents.extent.packed else {
                throw InputError(
                    "the build changed while it was read", at: place, hints: ["add it again once it is whole"])
            }
            try note(contents, of: digest)
            // The file itself is worth more: anybody can have it from here.
            unlink(repackedPath(of: digest))
            return (digest, size)
        } catch let error as any ExplainedError {
            throw error
        } catch {
            throw StoreError(folder: folder, cause: error)
        }
    }

    /// A place for a build that is made to be added.
    /// - Throws: ``StoreError`` when the store cannot be written to.
    func workshop() throws -> PackingWorkshop {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError(folder: folder, cause: error)
        }
        return try PackingWorkshop(beside: folder + "/build")
    }

    /// The digest of `file`; `nil` for one that cannot be read.
    static func digest(of file: String) -> BuildDigest? {
        guard let handle = FileHandle(forReadingAtPath: file) else { return nil }
        defer { handle.closeFile() }
        var hash = SHA256()
        // Who needs what is in the file reads it again, and says why that fails.
        while let part = try? handle.read(upToCount: 1 << 20), !part.isEmpty { hash.update(data: part) }
        return try? BuildDigest(Hex.text(hash.finalize()))  // A hash has so many digits.
    }

    /// What was found in a build when it was added; `nil` when nobody looked.
    public func contents(of digest: BuildDigest) -> BuildContents? {
        // What is missing or unreadable is found again by looking.
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(contentsFolder)/\(digest.file).json")) else {
            return nil
        }
        return try? JSONDecoder().decode(BuildContents.self, from: data)  // As above.
    }

    /// Makes sure, before a host is asked for anything, that a build in the store is whole and may be unpacked on hosts.
    ///
    /// One that is not in the store is left to the hosts, which may have it.
    /// - Throws: ``InputError`` for a file that is damaged, or that an earlier version took and this one would not.
    public func check(_ digest: BuildDigest) async throws {
        guard let path = place(of: digest), let size = Self.size(of: path) else { return }
        let place = SourceLocation(file: path)
        let known = contents(of: digest)
        if let known, size != known.extent.packed {
            throw InputError(
                "the build in the store is damaged: it has \(size) bytes instead of \(known.extent.packed)",
                at: place, hints: Self.again)
        }
        if known?.tar != nil { return }
        guard let contents = try await contents(ofFile: path) else {
            throw InputError("the build in the store is damaged", at: place, hints: Self.again)
        }
        try note(contents, of: digest)
    }

    /// What is in an archive; `nil` for a file that is none.
    /// - Throws: ``InputError`` for what hosts may not unpack.
    func contents(ofFile path: String) async throws -> BuildContents? {
        guard let kind = ArchiveKind(head: Self.head(of: path)) else { return nil }
        return try await TarArchive(path: path, kind: kind).check()
    }

    /// Keeps a build's tar, packed anew, in place of its file.
    func keep(_ incoming: IncomingBuild, repacked digest: BuildDigest, _ contents: BuildContents) throws {
        try note(contents, of: digest)
        try incoming.settle(named: "\(digest.file)\(Self.repacked)")
    }

    private static let again = ["add its file again: drover build add FILE"]

    /// A file's length in bytes; `nil` when there is none.
    static func size(of path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    private func note(_ contents: BuildContents, of digest: BuildDigest) throws {
        try FileManager.default.createDirectory(atPath: contentsFolder, withIntermediateDirectories: true)
        try JSONEncoder().encode(contents).write(
            to: URL(fileURLWithPath: "\(contentsFolder)/\(digest.file).json"), options: .atomic)
    }

    private func copy(_ file: String) throws -> (digest: BuildDigest, size: Int64) {
        guard let source = FileHandle(forReadingAtPath: file) else {
            throw InputError("the build cannot be read", at: SourceLocation(file: file))
        }
        defer { source.closeFile() }
        let incoming = try IncomingBuild(in: folder)
        while let part = try source.read(upToCount: 1 << 20), !part.isEmpty {
            incoming.take([UInt8](part))
            try incoming.check()
        }
        let digest = try incoming.digest
        try incoming.settle(as: digest)
        return (digest, incoming.size)
    }

    private static func head(of path: String) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        // What cannot be read is no archive, and said so.
        let head = (try? handle.read(upToCount: 262)) ?? Data()
        try? handle.close()  // Nothing was written.
        return Array(head)
    }
}
