import Crypto
import Fleet
import Glibc

/// A local file on its way to a host: into a temporary file beside its target, verified there, then renamed.
struct Upload: Sendable {
    private let file: OpenFile
    private let localFile: String
    private let digests: FileDigests
    private let path: String
    private let mode: UInt16
    private let privilege: Privilege
    private let stallLimit: Duration
    private let word = ShellLaunch.randomWord()
    /// What a lost connection cost is sent again from the last whole chunk.
    private static let chunk = 1 << 20
    /// The script's status when the input ended too soon; the temporary file then stays, to go on from.
    private static let cutShort: Int32 = 99

    init(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege, host: HostName,
        _ surroundings: Surroundings
    ) async throws(TransportError) {
        guard let file = OpenFile(localFile) else {
            throw TransportError(
                .fileUnreadable, host: host, "cannot read \(localFile): \(describe(errorNumber: errno))")
        }
        (self.file, self.localFile, self.digests) = (file, localFile, surroundings.digests)
        (self.path, self.mode, self.privilege) = (path, mode, privilege)
        stallLimit = surroundings.settings.stallLimit
    }

    /// Copies the file. `resuming` keeps what an earlier connection brought.
    nonisolated(nonsending) func perform(
        with pool: ShellPool, host: HostName, resuming: Bool
    ) async throws(TransportError) {
        let shell = pool.extraShell(for: privilege)
        defer { shell.retire() }
        // Hashed here while it is on its way.
        async let hashing = digests.digest(of: file, at: localFile)
        let offset = resuming ? await wholeChunks(in: shell) : 0
        try await ask(
            shell, pool, host,
            ShellRequest(
                script: receiving(from: offset), input: .file(file, offset: offset, count: file.size - offset),
                isInputRaw: true, limit: 65536, deadline: stallLimit, isStallLimit: true))
        guard let digest = await hashing else {
            await removeTemporary(pool)
            throw TransportError(.fileUnreadable, host: host, "cannot read \(localFile): it changed meanwhile")
        }
        try await ask(
            shell, pool, host,
            ShellRequest(script: settling(digest), limit: 65536, deadline: Self.settlingDeadline(file.size)))
    }

    /// Reading the file back and writing it to the disk take their time: two seconds a megabyte at the worst.
    private static func settlingDeadline(_ size: Int) -> Duration { .seconds(120 + 2 * (size >> 20)) }

    private nonisolated(nonsending) func ask(
        _ shell: Shell, _ pool: ShellPool, _ host: HostName, _ request: ShellRequest
    ) async throws(TransportError) {
        switch await shell.perform(request) {
        case .answer(let result) where result.status == 0: return
        case .answer(let result), .ended(let result, _): throw refused(result, host)
        case .lost(let error): throw error
        case .refused(let exit, let said): throw pool.refusal(of: privilege, exit, said)
        case .stopped(let reason):
            await pool.endWhatRuns(in: shell, privilege)
            await removeTemporary(pool)
            throw stopped(reason, host)
        }
    }

    private nonisolated(nonsending) func wholeChunks(in shell: Shell) async -> Int {
        let outcome = await shell.perform(
            ShellRequest(script: "stat -c %s \(temporary)", limit: 4096, deadline: stallLimit))
        guard case .answer(let result) = outcome, let size = Int(result.text.filter(\.isNumber)) else { return 0 }
        return min(size, file.size) / Self.chunk * Self.chunk
    }

    private nonisolated(nonsending) func removeTemporary(_ pool: ShellPool) async {
        let shell = pool.extraShell(for: privilege)
        _ = await shell.performUncancelled(
            ShellRequest(script: "rm -f \(temporary)", limit: 4096, deadline: .seconds(10)))
        shell.retire()
    }

    private func stopped(_ reason: StopReason, _ host: HostName) -> TransportError {
        switch reason {
        case .cancelled: TransportError(.cancelled, host: host, "cancelled")
        case .expired, .overfull:
            TransportError(
                .timedOut, host: host, "upload of \(path) made no progress for \(describe(stallLimit))",
                hints: ["is the host's disk stuck or very slow?"])
        }
    }

    private func refused(_ result: CommandResult, _ host: HostName) -> TransportError {
        let reason = result.errorText.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
        return TransportError(
            .uploadFailed, host: host, "the host did not take \(path) (status \(result.status))\(reason)",
            hints: ["is there room on its disk, does the folder exist, and may the user write there?"])
    }

    private var temporary: String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let folder = path.dropLast(name.count)
        return RemoteCommand.quote("\(folder).\(name.prefix(100)).\(word)")
    }

    private static let failing = #"fail() { rm -f "$t"; exit 1; }"#

    /// A resumed upload moves what is there to a new file first: the lost connection's `head` may not have ended yet.
    private func receiving(from offset: Int) -> String {
        """
        umask 077
        t=\(temporary)
        \(Self.failing)
        if [ \(offset) -gt 0 ]; then
        mv -f "$t" "$t.part" && head -c \(offset) "$t.part" >"$t" && rm -f "$t.part" || { rm -f "$t.part"; fail; }
        else rm -f "$t"; : >"$t" || exit 1
        fi
        dd bs=65536 iflag=fullblock,count_bytes count=\(file.size - offset) status=none >>"$t" || fail
        [ "$(stat -c %s "$t")" = \(file.size) ] || { echo 'the upload was cut short' >&2; exit \(Self.cutShort); }
        """
    }

    /// Where there is an openssl, it hashes several times as fast as sha256sum. The disk is waited for meanwhile.
    private func settling(_ digest: String) -> String {
        """
        t=\(temporary)
        \(Self.failing)
        sync "$t" & s=$!
        if command -v openssl >/dev/null; then d=$(openssl dgst -sha256 -r <"$t"); else d=$(sha256sum <"$t"); fi || fail
        [ "${d%% *}" = \(digest) ] || { echo 'what arrived differs from what was sent' >&2; fail; }
        chmod \(String(mode, radix: 8)) "$t" && wait $s && mv -fT "$t" \(RemoteCommand.quote(path)) || fail
        """
    }
}

/// SHA-256 of local files, each computed once.
actor FileDigests {
    private struct Stamp: Hashable {
        var path: String
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private var known: [Stamp: Task<String?, Never>] = [:]

    /// The digest in hexadecimal; `nil` when the file became shorter meanwhile.
    func digest(of file: OpenFile, at path: String) async -> String? {
        var status = stat()
        fstat(file.descriptor, &status)
        let stamp = Stamp(
            path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino), size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
        // Shared by all who upload the file at once, so no caller's cancellation may end it.
        let task = known[stamp] ?? Task.detached { Self.compute(file) }
        known[stamp] = task
        return await task.value
    }

    private static func compute(_ file: OpenFile) -> String? {
        var hash = SHA256()
        for offset in stride(from: 0, to: file.size, by: 1 << 20) {
            // A file that shrinks has one answer, nil.
            guard let bytes = try? file.read(at: offset, count: min(1 << 20, file.size - offset)) else { return nil }
            bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        return hash.finalize().map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
