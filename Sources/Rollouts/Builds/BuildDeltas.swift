import Fleet
import Foundation
import Subprocess
import Synchronization

/// Makes deltas between builds: each once, however many hosts have that base.
final class BuildDeltas: Sendable {
    /// Has a build here that may be only in a shared store; `nil` where that is not to be had.
    typealias FindBase = @Sendable (BuildDigest) async -> StoredBuild?

    private struct Pair: Hashable { var base: BuildDigest, build: BuildDigest }
    private enum Made { case delta(BuildDelta), refused(String) }

    private let store: BuildStore
    private let lock = AsyncLock()
    private let made = Mutex<[Pair: Made]>([:])
    private let told = Mutex<Set<String>>([])
    private let workshop = Mutex<PackingWorkshop?>(nil)

    init(store: BuildStore) { self.store = store }

    deinit { workshop.withLock { $0?.clear() } }

    /// Whether that was said for the first time: what holds for twenty hosts is said once.
    func isNews(_ reason: String) -> Bool { told.withLock { $0.insert(reason).inserted } }

    /// A delta to `build` from the first of `bases` that is to be had.
    /// - Returns: The delta, or why there is none.
    func delta(
        to build: StoredBuild, from bases: [BuildDigest], _ find: FindBase
    ) async throws -> (delta: BuildDelta?, reason: String?) {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            for base in bases where base != build.digest {
                let pair = Pair(base: base, build: build.digest)
                if let known = made.withLock({ $0[pair] }) { return Self.answer(known) }
                guard let found = await find(base) else { continue }
                let result = try await make(from: found, to: build)
                made.withLock { $0[pair] = result }
                return Self.answer(result)
            }
            return (nil, "no build that hosts have is here to compare with")
        }
    }

    private static func answer(_ made: Made) -> (BuildDelta?, String?) {
        switch made {
        case .delta(let delta): (delta, nil)
        case .refused(let reason): (nil, reason)
        }
    }

    private func make(from base: StoredBuild, to build: StoredBuild) async throws -> Made {
        guard let old = base.tarSize, let new = build.tarSize else { return .refused("a build was never looked into") }
        guard max(old, new) <= BuildDelta.largestTar else {
            return .refused("the tars are larger than \(ByteCount(Int(BuildDelta.largestTar)))")
        }
        let workshop: PackingWorkshop
        do { workshop = try opened() } catch { return .refused(ErrorReport(error).message) }
        let delta = workshop.path("delta-\(base.digest.release)-\(build.digest.release)")
        let tars = (workshop.path("old"), workshop.path("new"))
        defer {
            unlink(tars.0)
            unlink(tars.1)
        }
        do throws(UnmadeDelta) {
            try await unpack(base, to: tars.0)
            try await unpack(build, to: tars.1)
            let window = BuildDelta.window(max(old, new))
            try await run(
                #"exec zstd -q -f -3 --long="$4" --patch-from="$1" "$2" -o "$3""#, tars.0, tars.1, delta, "\(window)")
        } catch {
            try Task.checkCancellation()
            return .refused(error.reason)
        }
        guard let size = BuildStore.size(of: delta) else { return .refused("zstd made none") }
        return .delta(BuildDelta(base: base.digest, path: delta, size: size, baseSize: old, tarSize: new))
    }

    private func opened() throws -> PackingWorkshop {
        if let workshop = workshop.withLock({ $0 }) { return workshop }
        let opened = try store.workshop()
        workshop.withLock { $0 = opened }
        return opened
    }

    private func unpack(_ build: StoredBuild, to path: String) async throws(UnmadeDelta) {
        let program =
            switch build.kind {
            case .gzip: "gzip -dc"
            case .zstd: "zstd -q -dc"
            case .plain: "cat"
            }
        try await run(#"exec \#(program) <"$1" >"$2""#, build.path, path)
    }

    private func run(_ script: String, _ words: String...) async throws(UnmadeDelta) {
        do {
            let result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", script, "sh"] + words), output: .discarded,
                error: .string(limit: 1 << 16))
            if result.terminationStatus.isSuccess { return }
            if case .exited(127) = result.terminationStatus { throw UnmadeDelta("this machine has no zstd") }
            throw UnmadeDelta(result.standardError.split(separator: "\n").last.map(String.init) ?? "zstd failed")
        } catch let fault as UnmadeDelta {
            throw fault
        } catch {
            throw UnmadeDelta("\(error)")
        }
    }
}

/// Why a delta cannot be made.
struct UnmadeDelta: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
