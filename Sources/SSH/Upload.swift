import CLibSSH2
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
    /// Says that nothing more will come of it, however it ended.
    let tellEnd: @Sendable () -> Void
    private let word = ShellLaunch.randomWord()
    /// Hosts hash a file in slices, each while the next one arrives. After a lost connection whole slices are kept.
    static let slice = 32 << 20
    /// The script's status when the input ended too soon; the temporary file then stays, to go on from.
    private static let cutShort: Int32 = 99

    init(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege, host: HostName,
        _ context: ConnectorContext
    ) async throws(TransportError) {
        let tell = context.settings.tellUploads
        let passed = { @Sendable in tell(UploadProgress(host: host, path: path, sent: $0, size: $1)) }
        guard let file = OpenFile(localFile, passed: passed) else {
            throw TransportError(
                .fileUnreadable, host: host, "cannot read \(localFile): \(describe(errorNumber: errno))")
        }
        self.init(file, named: localFile, to: path, mode: mode, privilege: privilege, host: host, context)
    }

    /// - Parameter name: What the file is known by.
    init(
        _ file: OpenFile, named name: String, to path: String, mode: UInt16, privilege: Privilege, host: HostName,
        _ context: ConnectorContext
    ) {
        let tell = context.settings.tellUploads
        (self.file, localFile, digests) = (file, name, context.digests)
        (self.path, self.mode, self.privilege) = (path, mode, privilege)
        stallLimit = context.settings.stallLimit
        tellEnd = { tell(UploadProgress(host: host, path: path, sent: file.size, size: file.size, isOver: true)) }
    }

    /// Copies the file. `resuming` keeps what an earlier connection brought.
    nonisolated(nonsending) func perform(
        with pool: ShellPool, host: HostName, resuming: Bool
    ) async throws(TransportError) {
        let shell = try pool.extraShell(for: privilege)
        defer { shell.retire() }
        // Hashed here while it is on its way.
        async let hashing = digests.digests(of: file, at: localFile)
        let offset = resuming ? await wholeSlices(in: shell) : 0
        let received = try await ask(
            shell, pool, host,
            ShellRequest(
                script: receiving(from: offset), input: .file(file, offset: offset, count: file.size - offset),
                isInputRaw: true, limit: 65536, deadline: stallLimit, isStallLimit: true))
        guard let digests = await hashing else {
            await removeTemporary(pool)
            throw TransportError(.fileUnreadable, host: host, "cannot read \(localFile): it changed meanwhile")
        }
        guard received.text.split(separator: "\n").elementsEqual(digests, by: ==) else {
            await removeTemporary(pool)
            throw TransportError(.uploadFailed, host: host, "what arrived at \(path) differs from what was sent")
        }
        _ = try await ask(
            shell, pool, host, ShellRequest(script: settling, limit: 65536, deadline: Self.settlingDeadline(file.size)))
    }

    /// What is still to be written to the disk takes its time: two seconds a megabyte at the worst.
    private static func settlingDeadline(_ size: Int) -> Duration { .seconds(120 + 2 * (size >> 20)) }

    private nonisolated(nonsending) func ask(
        _ shell: Shell, _ pool: ShellPool, _ host: HostName, _ request: ShellRequest
    ) async throws(TransportError) -> CommandResult {
        switch await shell.perform(request) {
        case .answer(let result) where result.status == 0: return result
        case .answer(let result), .ended(let result, _): throw refused(result, host)
        case .lost(let error): throw error.adding("during the upload of \(path)")
        case .refused(let exit, let said): throw pool.refusal(of: privilege, exit, said)
        case .stopped(let reason):
            await pool.endWhatRuns(in: shell, privilege)
            await removeTemporary(pool)
            throw stopped(reason, host)
        }
    }

    private nonisolated(nonsending) func wholeSlices(in shell: Shell) async -> Int {
        let outcome = await shell.perform(
            ShellRequest(script: "stat -c %s \(temporary)", limit: 4096, deadline: stallLimit))
        guard case .answer(let result) = outcome, let size = Int(result.text.filter(\.isNumber)) else { return 0 }
        return min(size, file.size) / Self.slice * Self.slice
    }

    private nonisolated(nonsending) func removeTemporary(_ pool: ShellPool) async {
        // Without a connection it stays; a later copy removes it.
        guard let shell = try? pool.extraShell(for: privilege) else { return }
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

    private var temporary: String { RemoteCommand.quote("\(beside).\(word)") }

    /// What the names of all temporary files for this path begin with.
    private var beside: String {
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        return "\(path.dropLast(name.count)).\(name.prefix(100))"
    }

    private static let failing = #"fail() { rm -f "$t"; exit 1; }"#

    /// Answers with the SHA-256 of every slice, one a line.
    ///
    /// What an upload left whose controller never came back goes first; one that goes on has written less than an hour ago.
    /// A resumed upload moves what is there to a new file first: the lost connection's `dd` may not have ended yet. Where
    /// there is an openssl, it hashes several times as fast as sha256sum.
    private func receiving(from offset: Int) -> String {
        """
        umask 077
        t=\(temporary)
        \(Self.failing)
        hash() { if command -v openssl >/dev/null; then openssl dgst -sha256 -r; else sha256sum; fi; }
        check() {
        d=$(dd if="$t" bs=65536 iflag=skip_bytes,count_bytes skip=$1 count=$2 status=none | hash) || exit 1
        echo "${d%% *}"
        sync -d "$t"
        }
        whole() { [ "$(stat -c %s "$t")" = $1 ] || { echo 'the upload was cut short' >&2; exit \(Self.cutShort); }; }
        slice() { n=$((\(file.size) - p)); if [ $n -gt \(Self.slice) ]; then n=\(Self.slice); fi; }
        if [ \(offset) -gt 0 ]; then
        mv -f "$t" "$t.part" && head -c \(offset) "$t.part" >"$t" && rm -f "$t.part" || { rm -f "$t.part"; fail; }
        else
        for f in \(RemoteCommand.quote(beside)).drover*; do
        if [ -f "$f" ]; then find "$f" -mmin +60 -exec rm -f {} + 2>/dev/null; fi
        done
        rm -f "$t"; : >"$t" || exit 1
        fi
        p=0
        while [ $p -lt \(offset) ]; do slice; check $p $n || fail; p=$((p+n)); done
        c=
        while [ $p -lt \(file.size) ]; do
        slice
        dd bs=65536 iflag=fullblock,count_bytes count=$n status=none >>"$t" || fail
        whole $((p+n))
        if [ "$c" ]; then wait $c || fail; fi
        check $p $n </dev/null &
        c=$!
        p=$((p+n))
        done
        if [ "$c" ]; then wait $c || fail; fi
        """
    }

    private var settling: String {
        """
        t=\(temporary)
        \(Self.failing)
        chmod \(String(mode, radix: 8)) "$t" && sync "$t" && mv -fT "$t" \(RemoteCommand.quote(path)) || fail
        """
    }
}

/// SHA-256 of local files, slice by slice, each computed once.
actor FileDigests {
    private struct Stamp: Hashable {
        var path: String
        var device: UInt
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private var known: [Stamp: Task<[String]?, Never>] = [:]

    /// The digests of an upload's slices in hexadecimal; `nil` when the file became shorter meanwhile.
    func digests(of file: OpenFile, at path: String) async -> [String]? {
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

    private static func compute(_ file: OpenFile) -> [String]? {
        var digests: [String] = []
        for start in stride(from: 0, to: file.size, by: Upload.slice) {
            let end = min(start + Upload.slice, file.size)
            var hash = SHA256()
            for offset in stride(from: start, to: end, by: 1 << 20) {
                // A file that shrinks has one answer, nil.
                guard let bytes = try? file.read(at: offset, count: min(1 << 20, end - offset)) else { return nil }
                bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
            }
            digests.append(Hex.text(hash.finalize()))
        }
        return digests
    }
}
