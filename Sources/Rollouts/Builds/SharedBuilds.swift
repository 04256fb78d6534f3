public import Fleet
import Values

/// The builds that a service's machines share: below a folder of this machine, or of a host over SSH, by their digests.
///
/// Any number of machines may add, take and remove at once.
public struct SharedBuilds: Sendable {
    /// Gives the transport to the machine that has the folder.
    public typealias Dial = @Sendable () async throws -> any Transport

    /// Where it is.
    public let address: SharedBuildsAddress
    private let script: SharedBuildsScript
    private let dial: Dial

    /// What was added or taken within so many minutes is not pruned: somebody may be about to use it.
    static let sparedMinutes = 60
    /// Room that is left alone, in KiB.
    private static let reserve: Int64 = 4 << 10

    /// The builds of `service` at `address`.
    public init(_ address: SharedBuildsAddress, service: String, dial: @escaping Dial) {
        self.address = address
        self.dial = dial
        script = SharedBuildsScript(base: address.folder, service: service)
    }

    // MARK: asking

    /// What lies there.
    /// - Throws: ``StoreError``.
    public func index() async throws(StoreError) -> SharedIndex {
        SharedIndex(parsing: lines(try await run(script.index, doing: "asking what it has")))
    }

    /// Copies a build into `store`, if it is what its digest says.
    /// - Returns: Whether it was there.
    /// - Throws: ``StoreError``: `.unwritable` for `store`, any other for this one.
    func take(_ digest: BuildDigest, into store: BuildStore) async throws(StoreError) -> Bool {
        let transport = try await transport()
        let found = try await answer(script.open(digest), on: transport)
        if found.status == SharedBuildsScript.Status.missing { return false }
        guard let size = BuildSize(try expect(found, doing: "opening build \(digest.release)").stripped) else {
            throw StoreError(.refused, place, "nobody can say how large build \(digest.release) is")
        }
        let archive = RemoteArchive(
            transport: transport, path: script.path(of: digest), size: size.bytes, privilege: .login)
        do {
            try await store.fetch(digest, from: archive)
            return true
        } catch let error as StoreError {
            throw error
        } catch let damaged as DamagedArchive {
            throw StoreError(
                .damagedBuild, place, "build \(digest.release) is damaged there: it is \(damaged.found) now",
                hints: ["add its file again: drover build add FILE"])
        } catch {
            throw away(error)
        }
    }

    // MARK: adding

    /// Puts a build there that lies in `path`, with what is known of it, unless both are there. One that is there already gets
    /// its names and signatures as well. Safe to repeat.
    /// - Parameter path: `nil` where only what is known of it is to be put there, if its file is.
    /// - Throws: ``StoreError``.
    func add(_ path: String?, _ build: BuildRecord) async throws(StoreError) {
        let transport = try await transport()
        let patience = Duration.seconds(120 + build.size >> 23)
        let found = lines(
            try expect(
                try await answer(script.prepare(build.digest), on: transport, deadline: patience), doing: "adding"))
        let known = found.first { $0.hasPrefix("record=") }.flatMap { SharedRecord.build(in: $0.dropFirst(7)) }
        let isThere = found.last == "present"
        if !isThere, path == nil { return }
        if !isThere, let refusal = refusal(of: build, found) { throw refusal }
        let record = known?.taking(newsOf: build) ?? build
        if record != known {
            // Whoever sees the archive finds the record.
            let text = NoteJSON.text(SharedRecord(record))
            try expect(try await answer(script.record(build.digest), input: text, on: transport), doing: "adding")
        }
        guard let path, !isThere else { return }
        do throws(TransportError) {
            try await transport.upload(path, to: script.path(of: build.digest), mode: 0o644, privilege: .login)
        } catch  where error.code == .uploadFailed {
            throw StoreError(.refused, place, "it did not take the build: \(error.message)", hints: hints)
        } catch {
            throw away(error)
        }
        try expect(try await answer(script.settle, on: transport, deadline: patience), doing: "adding")
    }

    private func refusal(of build: BuildRecord, _ lines: [Substring]) -> StoreError? {
        let needed = build.size / 1024 + Self.reserve
        guard let said = lines.first(where: { $0.hasPrefix("space=") }),
            let free = Int64(said.dropFirst(6).filter { $0 != " " }), free < needed
        else { return nil }
        return StoreError(
            .refused, place,
            "build \(BuildLabel(build)) needs \(Self.size(needed)), and there is \(Self.size(free))",
            hints: ["let go of old ones: drover build prune --keep N", "or make room: df -h \(address.folder)"])
    }

    private static func size(_ kibibytes: Int64) -> ByteCount { ByteCount.kibibytes(Int(clamping: kibibytes)) }

    /// Notes what a stage needs.
    /// - Throws: ``StoreError``.
    func note(_ use: StageUse) async throws(StoreError) {
        try await run(script.note(use.stage), input: NoteJSON.text(use), doing: "noting what \(use.stage) runs")
    }

    // MARK: removing

    /// Removes builds. Safe to repeat.
    /// - Parameter sparesRecent: Whether those stay that were added or taken within the last hour.
    /// - Returns: How many bytes each had that was there.
    /// - Throws: ``StoreError``.
    func remove(_ digests: [BuildDigest], sparesRecent: Bool) async throws(StoreError) -> [BuildDigest: Int64] {
        var removed: [BuildDigest: Int64] = [:]
        for start in stride(from: 0, to: digests.count, by: 500) {
            let some = Array(digests[start..<min(start + 500, digests.count)])
            let text = script.remove(some, sparing: sparesRecent ? Self.sparedMinutes : 0)
            for line in lines(try await run(text, doing: "removing builds")) {
                let words = line.split(separator: " ")
                guard words.count == 3, let size = BuildSize(words[2]) else { continue }
                for digest in some where digest.description == words[1] { removed[digest] = size.bytes }
            }
        }
        return removed
    }

    // MARK: the way there

    private var place: String { address.description }

    @discardableResult
    private func run(_ text: String, input: String = "", doing: String) async throws(StoreError) -> String {
        try expect(try await answer(text, input: input, on: try await transport()), doing: doing)
    }

    private func transport() async throws(StoreError) -> any Transport {
        do { return try await dial() } catch { throw away(error) }
    }

    private func answer(
        _ text: String, input: String = "", on transport: any Transport, deadline: Duration = .seconds(120)
    ) async throws(StoreError) -> CommandResult {
        do {
            return try await transport.run(RemoteCommand(shell: text, input: Array(input.utf8), deadline: deadline))
        } catch {
            throw away(error)
        }
    }

    @discardableResult
    private func expect(_ result: CommandResult, doing: String) throws(StoreError) -> String {
        switch result.status {
        case 0: return result.text
        case SharedBuildsScript.Status.away:
            throw StoreError(
                .away, place, "there is no folder \(address.folder)",
                hints: ["is its file system mounted? else make the folder: mkdir -p \(address.folder)"])
        default:
            let said = result.errorText.lines.last ?? "status \(result.status)"
            throw StoreError(.refused, place, "\(doing) failed: \(said)", hints: hints)
        }
    }

    private var hints: [String] {
        ["see whether it has room and is yours to write: df -h \(address.folder); ls -ld \(address.folder)"]
    }

    private func away(_ error: any Error) -> StoreError {
        guard let error = error as? any ExplainedError else { return StoreError(.away, place, "\(error)") }
        return StoreError(.away, place, "it cannot be asked: \(error.message)", hints: error.hints)
    }

    private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }
}
