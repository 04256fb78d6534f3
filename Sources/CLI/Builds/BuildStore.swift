import Crypto
import Fleet
import Foundation
import Rollouts
import Subprocess

/// Builds by their SHA-256, in one folder of this machine.
struct BuildStore: Sendable {
    private let folder: String
    /// Holds what was found in each build, by its digest.
    private let contentsFolder: String

    /// The store below `stateFolder`.
    init(stateFolder: String) {
        folder = stateFolder + "/builds"
        contentsFolder = stateFolder + "/contents"
    }

    /// Where a build lies, whether or not it is there.
    func path(of digest: BuildDigest) -> String { "\(folder)/\(digest)" }

    /// The build that unpacks to `release`; `nil` when it is not here.
    func find(_ release: ReleaseID) -> StoredBuild? {
        // A folder that is not there yet holds no build.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasPrefix(release.description) {
            guard let digest = try? BuildDigest(name) else { continue }  // a file that is no build's
            let path = path(of: digest)
            guard let kind = ArchiveKind(head: Self.head(of: path)) else { continue }
            return StoredBuild(digest: digest, path: path, kind: kind, extent: contents(of: digest)?.extent)
        }
        return nil
    }

    /// Copies `file` into the store and checks that hosts will be able to unpack it.
    ///
    /// The build appears whole and durable, or not at all. Safe to repeat.
    /// - Throws: ``InputError`` for a file that cannot be read, or is no archive that may be unpacked on a host.
    func add(_ file: String) async throws -> (digest: BuildDigest, size: Int64) {
        let place = SourceLocation(file: file)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw InputError(
                "there is no such build", at: place, hints: ["name a file, or a digest: drover build list"])
        }
        if isFolder.boolValue {
            throw InputError(
                "a build is a file, not a folder", at: place, hints: ["tar -C \(file) -czf build.tar.gz ."])
        }
        guard let kind = ArchiveKind(head: Self.head(of: file)) else {
            throw InputError(
                "the file is no tar archive", at: place, hints: ["pack the build as .tar.gz, .tar.zst or .tar"])
        }
        let contents = try await TarArchive(path: file, kind: kind).check()
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let (digest, size) = try copy(file)
            guard size == contents.extent.packed else {
                throw InputError(
                    "the build changed while it was read", at: place, hints: ["add it again once it is whole"])
            }
            try note(contents, of: digest)
            return (digest, size)
        } catch let error as any ExplainedError {
            throw error
        } catch {
            throw BuildStoreFailure(folder: folder, cause: error)
        }
    }

    /// What was found in a build when it was added; `nil` when nobody looked.
    func contents(of digest: BuildDigest) -> BuildContents? {
        // What is missing or unreadable is found again by looking.
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: "\(contentsFolder)/\(digest).json")) else {
            return nil
        }
        return try? JSONDecoder().decode(BuildContents.self, from: data)  // As above.
    }

    /// Makes sure, before a host is asked for anything, that a build in the store is whole and may be unpacked on hosts.
    ///
    /// One that is not in the store is left to the hosts, which may have it.
    /// - Throws: ``InputError`` for a file that is damaged, or that an earlier version took and this one would not.
    func check(_ digest: BuildDigest) async throws {
        let path = path(of: digest)
        let place = SourceLocation(file: path)
        guard let size = Self.size(of: path) else { return }
        guard let contents = contents(of: digest) else {
            guard let kind = ArchiveKind(head: Self.head(of: path)) else {
                throw InputError("the build in the store is damaged", at: place, hints: Self.again)
            }
            return try note(try await TarArchive(path: path, kind: kind).check(), of: digest)
        }
        guard size == contents.extent.packed else {
            throw InputError(
                "the build in the store is damaged: it has \(size) bytes instead of \(contents.extent.packed)",
                at: place, hints: Self.again)
        }
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
            to: URL(fileURLWithPath: "\(contentsFolder)/\(digest).json"), options: .atomic)
    }

    private func copy(_ file: String) throws -> (digest: BuildDigest, size: Int64) {
        let temporary = "\(folder)/.adding-\(UUID().uuidString)"
        guard let source = FileHandle(forReadingAtPath: file),
            FileManager.default.createFile(atPath: temporary, contents: nil),
            let target = FileHandle(forWritingAtPath: temporary)
        else { throw InputError("the build cannot be copied to \(folder)", at: SourceLocation(file: file)) }
        defer { unlink(temporary) }
        var hash = SHA256()
        var size: Int64 = 0
        while let part = try source.read(upToCount: 1 << 20), !part.isEmpty {
            hash.update(data: part)
            try target.write(contentsOf: part)
            size += Int64(part.count)
        }
        try target.synchronize()
        try target.close()
        try source.close()
        let digest = try BuildDigest(hash.finalize().map { byte in Self.hexadecimal(byte) }.joined())
        guard rename(temporary, path(of: digest)) == 0 else {
            throw InputError("the build cannot be put into \(folder)", at: SourceLocation(file: file))
        }
        synchronizeFolder()
        return (digest, size)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private func synchronizeFolder() {
        let descriptor = open(folder, O_RDONLY)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    private static func head(of path: String) -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else { return [] }
        // What cannot be read is no archive, and said so.
        let head = (try? handle.read(upToCount: 262)) ?? Data()
        try? handle.close()  // Nothing was written.
        return Array(head)
    }
}

/// The store could not be written to.
struct BuildStoreFailure: ExplainedError {
    let folder: String
    let cause: any Error

    var subject: String? { folder }
    var message: String { "the build cannot be put into the store: \(reason)" }
    var hints: [String] { ["see whether its disk is full: df -h \(folder)"] }

    private var reason: String {
        let error = cause as NSError
        let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError
        guard let system = [error, inner].compactMap({ $0 }).first(where: { $0.domain == NSPOSIXErrorDomain }) else {
            return error.localizedDescription
        }
        return String(cString: strerror(Int32(truncatingIfNeeded: system.code)))
    }
}
