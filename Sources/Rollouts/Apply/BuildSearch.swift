public import Fleet
import Synchronization

/// A build that is copied to this machine.
public struct BuildTransfer: Hashable, Sendable {
    /// The build.
    public let build: BuildDigest
    /// The build for people.
    public let label: BuildLabel
    /// Its size; `nil` where it is not known before.
    public let size: Int64?
    /// Where it comes from, in words: a host and its stage, or the shared store.
    public let source: String
}

/// Looks for a build wherever it may be, and has it brought to this machine: from the shared store, else from hosts that still
/// hold it, the stage's own first, then those of the stages before it, then of all others.
struct BuildSearch: Sendable {
    let session: StageSession
    let build: BuildDigest

    /// How long a host is asked what it has.
    private static let patience = Duration.seconds(10)

    private var store: BuildStore { session.drivers.builds }

    /// - Parameter known: What hosts of the session's own stage said just now.
    func bring(_ known: [HostName: HostHolding?]? = nil) async throws {
        var places = ["not in \(store.folder) here"]
        // A build without a record is named by its digest, and known by its file alone.
        let record = try? await session.journal.builds(prefix: build.file.description).first
        if let shared = session.drivers.sharedBuilds, try await bring(from: shared, record, &places) { return }
        for stage in stages {
            let isOwn = stage == session.name
            guard let site = await site(of: stage, &places) else { continue }
            var holdings = isOwn ? known : nil
            if holdings == nil { holdings = await self.holdings(on: site) }
            if try await bring(from: site, holdings ?? [:], record, &places) { return }
        }
        throw StageError.missingBuild(build.file, record?.name, for: session.name, places)
    }

    /// What each member of a stage has of the build; `nil` for one that does not say.
    func holdings(on site: StageSite) async -> [HostName: HostHolding?] {
        let releases = session.releases(site, token: 0)
        let patience = Patience(ContinuousClock(), least: Self.patience, most: Self.patience)
        let hosts = site.pool.members.map(\.host)
        let answers = await forEachBounded(hosts) { host in
            await patience.bounded({ _ in HostHolding?.none }) {
                // Who does not say is no source.
                try? await releases.holding(of: build, on: host)
            }
        }
        return Dictionary(zip(hosts, answers)) { first, _ in first }
    }

    // MARK: sources

    private func bring(
        from shared: SharedBuilds, _ record: BuildRecord?, _ places: inout [String]
    ) async throws -> Bool {
        let label = BuildLabel(build.file, record?.name)
        let transfer = BuildTransfer(build: build, label: label, size: nil, source: shared.address.description)
        do throws(StoreError) {
            guard try await shared.take(build.file, into: store) else {
                places.append("not in \(shared.address)")
                return false
            }
        } catch  where error.code == .unwritable {
            throw error
        } catch {
            session.tell(.unavailable(error))
            places.append("\(shared.address): \(error.message)")
            return false
        }
        session.tell(.bringing(transfer, isDone: true))
        return true
    }

    private func bring(
        from site: StageSite, _ holdings: [HostName: HostHolding?], _ record: BuildRecord?, _ places: inout [String]
    ) async throws -> Bool {
        let releases = session.releases(site, token: 0)
        let hosts = site.pool.members.map(\.host)
        let sources = Self.sources(hosts, holdings, record?.tar)
        for source in sources {
            let transfer = BuildTransfer(
                build: build, label: BuildLabel(build.file, record?.name), size: source.size,
                source: "\(source.host) of \(site.stage.name)")
            session.tell(.bringing(transfer, isDone: false))
            do {
                if let repacked = source.repacked {
                    try await releases.fetch(build.file, repacked: repacked, from: source.host, into: store)
                } else {
                    try await releases.fetch(build.file, size: source.size, from: source.host, into: store)
                }
                session.tell(.bringing(transfer, isDone: true))
                return true
            } catch let error as RolloutError {
                session.tell(.unavailable(error))
            }
        }
        let silent = hosts.count { holdings[$0] == .some(nil) }
        let broken = sources.count
        let notes = [broken > 0 ? "\(broken) could not give it" : "", silent > 0 ? "\(silent) did not answer" : ""]
        places.append(
            (["none of \(hosts.count.of("host")) of \(site.stage.name) holds it"] + notes.filter { !$0.isEmpty })
                .joined(separator: ", "))
        return false
    }

    private typealias Source = (host: HostName, size: Int64, repacked: RepackedArchive?)

    /// Hosts with the build's file, then those with its tar packed anew, if that is the tar that the build is known to have.
    private static func sources(
        _ hosts: [HostName], _ holdings: [HostName: HostHolding?], _ tar: TarDigest?
    ) -> [Source] {
        let whole = hosts.compactMap { host in
            (holdings[host]??.archiveSize).map { size -> Source in (host, size, nil) }
        }
        let repacked = hosts.compactMap { host in
            (holdings[host]??.repacked).flatMap { found -> Source? in
                found.tar == tar ? (host, found.size, found) : nil
            }
        }
        return whole + repacked
    }

    /// The session's stage, those before it, and all others.
    private var stages: [String] {
        let all = session.site.file.stages
        var order = [session.name]
        guard session.loadStage != nil else { return order }
        while let before = all.first(where: { $0.name == order.last })?.after, !order.contains(before) {
            order.append(before)
        }
        return order + all.map(\.name).filter { !order.contains($0) }
    }

    private func site(of stage: String, _ places: inout [String]) async -> StageSite? {
        if stage == session.name { return session.site }
        do {
            return try await session.loadStage?(stage)
        } catch {
            places.append("the inventory of \(stage) cannot be read: \(ErrorReport(error).message)")
            return nil
        }
    }
}

/// Has each build brought here once, however many hosts wait for it.
final class BuildBringing: Sendable {
    private let lock = AsyncLock()
    private let failures = Mutex<[BuildDigest: any Error]>([:])

    /// The build in `store`, where `bring` has it brought unless that was tried.
    func once(
        _ build: BuildDigest, in store: BuildStore, _ bring: @Sendable () async throws -> Void
    ) async throws -> StoredBuild {
        try await lock.withLock(cancelled: CancellationError() as any Error) {
            if let found = store.find(build) { return found }
            if let failure = failures.withLock({ $0[build] }) { throw failure }
            do {
                try await bring()
                // What others put into their stores is looked at like any file.
                try await store.check(build)
                guard let found = store.find(build) else {
                    throw StoreError(.damagedBuild, store.folder, "build \(build.release) is no archive")
                }
                return found
            } catch {
                if !(error is CancellationError) { failures.withLock { $0[build] = error } }
                throw error
            }
        }
    }
}
