import Fleet
import Synchronization

/// A build's archive at the other end of a transport. It is read slice by slice, so that whatever else the host is asked, such
/// as to renew a lease, has its turn meanwhile.
struct RemoteArchive: Sendable {
    let transport: any Transport
    let path: String
    let size: Int64
    let privilege: Privilege

    private static let slice: Int64 = 2 << 20
    /// How often a lost connection is made anew without anything having come.
    private static let attempts = 3

    /// Reads all of it, going on where a lost connection broke off.
    /// - Throws: ``TransportError``.
    func copy(to incoming: IncomingBuild) async throws(TransportError) {
        var failures = 0
        while incoming.size < size, !incoming.isFull {
            let before = incoming.size
            do throws(TransportError) {
                try await readSlice(from: before, incoming)
                failures = 0
            } catch {
                failures = incoming.size > before ? 0 : failures + 1
                guard error.code == .connectionLost, failures < Self.attempts else { throw error }
            }
        }
    }

    private func readSlice(from offset: Int64, _ incoming: IncomingBuild) async throws(TransportError) {
        let count = min(Self.slice, size - offset)
        let script =
            "dd if=\(RemoteCommand.quote(path)) bs=65536 iflag=skip_bytes,count_bytes skip=\(offset) count=\(count) "
            + "status=none"
        let said = Mutex<[UInt8]>([])
        let result = try await transport.run(RemoteCommand(shell: script, privilege: privilege)) { stream, bytes in
            switch stream {
            // More than was asked for would fill this machine's disk.
            case .output: incoming.take(Array(bytes.prefix(Int(offset + count - incoming.size))))
            case .errors: said.withLock { $0 += bytes.prefix(4096 - $0.count) }
            }
        }
        guard result.succeeded, incoming.size > offset else {
            let reason = String(decoding: said.withLock { $0 }, as: UTF8.self).split(whereSeparator: \.isNewline).last
            throw TransportError(
                .badAnswer, host: transport.host,
                "\(path) cannot be read\(reason.map { ": \($0)" } ?? ": it became shorter meanwhile")")
        }
    }
}

/// What was read under a build's digest is something else.
struct DamagedArchive: Error {
    /// What it is instead.
    let found: String
}

extension BuildStore {
    /// Has a build here that lies elsewhere, if it is what its digest says.
    /// - Throws: ``StoreError`` `.unwritable` for this store; ``TransportError``; ``DamagedArchive``.
    func fetch(_ digest: BuildDigest, from archive: RemoteArchive) async throws {
        let incoming = try IncomingBuild(in: folder)
        try await archive.copy(to: incoming)
        try incoming.check()
        let found = try incoming.digest
        guard found == digest else { throw DamagedArchive(found: found.release.description) }
        try incoming.settle(as: digest)
    }

    /// Has a build here whose tar lies elsewhere, packed anew, if that is `tar`.
    /// - Throws: as ``fetch(_:from:)``; ``InputError`` where this machine cannot unpack it.
    func fetch(_ digest: BuildDigest, repacked tar: TarDigest, from archive: RemoteArchive) async throws {
        let incoming = try IncomingBuild(in: folder)
        try await archive.copy(to: incoming)
        try incoming.check()
        guard let contents = try await contents(ofFile: incoming.path), contents.tar == tar else {
            throw DamagedArchive(found: "another archive")
        }
        try keep(incoming, repacked: digest, contents)
    }
}
