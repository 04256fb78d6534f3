import Crypto
import Fleet
import Foundation
import Synchronization

/// A build on its way into a folder: written under a name that nobody else has, hashed meanwhile, and seen under its digest
/// only once it is whole and on the disk.
final class IncomingBuild: Sendable {
    private struct Inside {
        var hash = SHA256()
        var size: Int64 = 0
        /// Why nothing more can be written.
        var error: Int32?
    }

    private let folder: String
    /// Where it is meanwhile.
    let path: String
    private let descriptor: Int32
    private let inside = Mutex(Inside())

    /// - Throws: ``StoreError`` when nothing can be written to `folder`.
    init(in folder: String) throws(StoreError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw StoreError(folder: folder, cause: error)
        }
        let path = "\(folder)/.adding-\(UUID().uuidString)"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw StoreError(folder: folder, errno) }
        (self.folder, self.path, self.descriptor) = (folder, path, descriptor)
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    /// How many bytes have come.
    var size: Int64 { inside.withLock { $0.size } }

    /// Whether nothing more can be written.
    var isFull: Bool { inside.withLock { $0.error != nil } }

    /// What has come so far is this build.
    var digest: BuildDigest {
        get throws(InputError) { try BuildDigest(Hex.text(inside.withLock { $0.hash }.finalize())) }
    }

    /// Takes what comes next.
    func take(_ bytes: [UInt8]) {
        inside.withLock { inside in
            guard inside.error == nil else { return }
            inside.hash.update(data: bytes)
            inside.error = Self.append(bytes, to: descriptor)
            inside.size += Int64(bytes.count)
        }
    }

    private static func append(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno != EINTR { return errno }
                rest = rest.dropFirst(max(0, count))
            }
            return nil
        }
    }

    /// - Throws: ``StoreError`` when something that came could not be written.
    func check() throws(StoreError) {
        if let error = inside.withLock({ $0.error }) { throw StoreError(folder: folder, error) }
    }

    /// Makes it seen under its digest.
    /// - Throws: ``StoreError`` when it cannot be written to the disk.
    func settle(as digest: BuildDigest) throws(StoreError) { try settle(named: digest.description) }

    /// Makes it seen under a name.
    /// - Throws: as ``settle(as:)``.
    func settle(named name: String) throws(StoreError) {
        try check()
        guard fsync(descriptor) == 0, rename(path, "\(folder)/\(name)") == 0 else {
            throw StoreError(folder: folder, errno)
        }
        let opened = open(folder, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return }
        fsync(opened)
        close(opened)
    }
}
