import Crypto
import Fleet
import Foundation
import Subprocess

/// A folder that nobody else has, beside the archive that is made in it; it goes when the work is done.
struct PackingWorkshop {
    /// How its name begins.
    static let prefix = ".drover-packing-"

    private let folder: String
    private let target: String
    /// Holds the folder's lock: one whose lock is free was left by somebody who was killed.
    private let lock: Int32
    private var tar: String { folder + "/tar" }
    /// Where the archive is until it is whole.
    var packed: String { folder + "/packed" }

    /// Where something of that name lies in it.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// - Throws: ``InputError`` for a place that cannot be written to.
    init(beside path: String) throws(InputError) {
        target = path
        let parent = (path as NSString).deletingLastPathComponent
        let place = parent.isEmpty ? "." : parent
        Self.clearLeftovers(in: place)
        (folder, lock) = try Self.make(in: place, for: path)
    }

    /// Takes everything away that is not the archive.
    func clear() { Self.clear(folder, lock) }

    private static func clear(_ folder: String, _ lock: Int32) {
        // What cannot be removed is in nobody's way, and tried again by the next.
        try? FileManager.default.removeItem(atPath: folder)
        close(lock)
    }

    private static func make(in place: String, for path: String) throws(InputError) -> (folder: String, lock: Int32) {
        while true {
            guard let made = "\(place)/\(prefix)XXXXXX".withCString({ strdup($0).flatMap { mkdtemp($0) } }) else {
                throw unwritable(path, errno)
            }
            defer { free(made) }
            let folder = String(cString: made)
            let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            // Somebody may have taken it for left before it was locked.
            if lock < 0, errno == ENOENT { continue }
            guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw unwritable(path, errno) }
            var status = stat()
            if stat(folder, &status) == 0 { return (folder, lock) }
            close(lock)
        }
    }

    /// Takes away what was left in `place` by those who were killed.
    private static func clearLeftovers(in place: String) {
        // What cannot be read or removed is in nobody's way.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let folder = "\(place)/\(name)"
            let lock = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { clear(folder, lock) } else { close(lock) }
        }
    }

    // MARK: the archive

    /// Writes `entries` of the folder `root` as a tar archive.
    /// - Throws: ``InputError`` for a file that cannot be read or changes meanwhile.
    func write(_ entries: [PackedEntry], of root: String, shownAs shown: String, time: Int64) throws(InputError) {
        let writer = TarWriter(time: time)
        guard let output = fopen(tar, "wxe") else { throw Self.unwritable(target, errno) }
        defer { fclose(output) }
        for entry in entries {
            try put(writer.head(of: entry.member), on: output)
            guard entry.member.kind == .file else { continue }
            try copy("\(root)/\(entry.path)", size: entry.member.size, to: output, shownAs: "\(shown)/\(entry.path)")
            try put(TarWriter.padding(after: entry.member.size), on: output)
        }
        try put(TarWriter.end, on: output)
        guard fflush(output) == 0 else { throw Self.unwritable(target, errno) }
    }

    private func put(_ bytes: some Collection<UInt8>, on output: UnsafeMutablePointer<FILE>) throws(InputError) {
        let bytes = Array(bytes)
        guard fwrite(bytes, 1, bytes.count, output) == bytes.count else { throw Self.unwritable(target, errno) }
    }

    private func copy(
        _ path: String, size: Int64, to output: UnsafeMutablePointer<FILE>, shownAs shown: String
    ) throws(InputError) {
        let place = SourceLocation(file: shown)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw InputError(
                .unreadable, "the file cannot be read: \(String(cString: strerror(errno)))", at: place,
                hints: ["make it readable, or leave it out: a line in \(IgnoreRules.fileName)"])
        }
        defer { close(descriptor) }
        var part = [UInt8](repeating: 0, count: 1 << 18)
        var total: Int64 = 0
        while true {
            let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 else { throw InputError(.unreadable, "the file cannot be read to its end", at: place) }
            total += Int64(count)
            guard total <= size else { break }
            try put(part.prefix(count), on: output)
        }
        guard total == size else {
            throw InputError(
                "the file changed while it was packed", at: place, hints: ["pack again once the folder is whole"])
        }
    }

    // MARK: the file

    /// Compresses the archive.
    /// - Throws: ``InputError`` when `program` is missing or fails.
    func compress(by program: String) async throws {
        let script = #"exec \#(program) <"$1" >"$2""#
        let result = try await Subprocess.run(
            .name("sh"), arguments: ["-c", script, "sh", tar, packed], output: .discarded,
            error: .string(limit: 1 << 16))
        if result.terminationStatus.isSuccess { return }
        let name = program.prefix { $0 != " " }
        if case .exited(127) = result.terminationStatus {
            throw InputError(.missing, "this machine has no \(name)", hints: ["install it: apt-get install \(name)"])
        }
        let said = result.standardError.split(separator: "\n").last.map(String.init)
        throw InputError(
            "the build cannot be compressed: \(said ?? "\(name) failed")", at: SourceLocation(file: target),
            hints: ["see whether its disk is full: df -h \(folder)"])
    }

    /// Makes the archive seen at its place.
    /// - Returns: Its digest and its length in bytes.
    /// - Throws: ``InputError`` when it cannot be written.
    func settle(at path: String) throws -> (digest: BuildDigest, size: Int64) {
        let descriptor = open(packed, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.unwritable(path, errno) }
        defer { close(descriptor) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        var hash = SHA256()
        var size: Int64 = 0
        while let part = try file.read(upToCount: 1 << 20), !part.isEmpty {
            hash.update(data: part)
            size += Int64(part.count)
        }
        guard fsync(descriptor) == 0, rename(packed, path) == 0 else { throw Self.unwritable(path, errno) }
        return (try BuildDigest(Hex.text(hash.finalize())), size)
    }

    private static func unwritable(_ path: String, _ number: Int32) -> InputError {
        InputError(
            "the archive cannot be written: \(String(cString: strerror(number)))", at: SourceLocation(file: path))
    }
}
