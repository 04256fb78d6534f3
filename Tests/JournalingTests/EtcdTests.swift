import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing
import Web

@testable import Journaling

/// What only a journal in etcd does: time that etcd counts, members that go, and a cluster that is used by others too.
@Suite struct EtcdTests {
    private func journal(
        _ place: EtcdPlace, service: String = "shop", connectTimeout: Duration = .seconds(2)
    ) throws -> EtcdJournal {
        EtcdJournal(
            place, service: service, web: try HTTPExchange(trust: place.trust, connectTimeout: connectTimeout),
            now: { time(0) })
    }

    private func failure(_ body: () async throws -> Void) async -> JournalError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? JournalError
        }
    }

    private let rollout = NewRun(.rollout, stage: "staging", holder: "me")

    @Test func aLeaseThatNobodyRenewsEndsByEtcdsClock() async throws {
        try await ThrowawayEtcd.with { cluster in
            let journal = try journal(try cluster.place())
            let first = try await journal.acquireLease(
                stage: "staging", holder: "first", timeToLive: .seconds(2), now: time(0))
            // Whatever this machine's clock says.
            let held = await failure {
                _ = try await journal.acquireLease(
                    stage: "staging", holder: "second", timeToLive: .seconds(2), now: time(7200))
            }
            #expect(held?.code == .leaseHeld && held?.message.hasPrefix("first is changing this stage") == true)
            while try await journal.lease(stage: "staging") != nil { await Task.yield() }
            // Nobody took it: it is still the first one's.
            let again = try await journal.renew(first, timeToLive: .seconds(2), now: time(0))
            #expect(again.token == first.token)
            let run = try await journal.begin(rollout, under: first, at: time(1))
            while try await journal.lease(stage: "staging") != nil { await Task.yield() }
            let second = try await journal.acquireLease(
                stage: "staging", holder: "second", timeToLive: .seconds(30), now: time(0))
            #expect(second.token > first.token)
            let lost = await failure { _ = try await journal.renew(first, timeToLive: .seconds(2), now: time(0)) }
            #expect(lost?.code == .leaseLost && lost?.message == "the lease was taken over by second")
            let late = await failure {
                try await journal.append("late", payload: "{}", to: run.id, under: first, at: time(2))
            }
            #expect(late?.code == .leaseLost)
            #expect(try await journal.entries(of: run.id).isEmpty)
        }
    }

    @Test func aTokenIsAboveAllThatWereSeen() async throws {
        try await ThrowawayEtcd.with { cluster in
            let journal = try journal(try cluster.place())
            try await journal.see(token: 1_000_000, stage: "staging")
            let lease = try await journal.acquireLease(
                stage: "staging", holder: "me", timeToLive: .seconds(30), now: time(0))
            #expect(lease.token == 1_000_001)
            #expect(try await journal.lastToken(stage: "staging") == 1_000_001)
            try await journal.see(token: 2_000_000, stage: "staging")
            #expect(try await journal.lease(stage: "staging") == nil, "whoever held a smaller one has lost it")
        }
    }

    @Test func servicesAndPrefixesKeepApart() async throws {
        try await ThrowawayEtcd.with { cluster in
            let journals = [
                try journal(try cluster.place()), try journal(try cluster.place(), service: "shop2"),
                try journal(try cluster.place(prefix: "team/a")),
            ]
            for journal in journals {
                #expect(try await journal.begin(rollout, under: nil, at: time(0)).id == RunID(1))
            }
            let keys = try await cluster.control("get", "--prefix", "", "--keys-only").split(separator: "\n")
            #expect(keys.contains("test/shop/run/0000000000000000001"))
            #expect(keys.contains("team/a/shop/run/0000000000000000001"))
        }
    }

    // MARK: what stands there

    @Test func whatANewerDroverWroteIsLeftAlone() async throws {
        try await ThrowawayEtcd.with { cluster in
            _ = try await cluster.control("put", "test/shop/format", "2")
            let error = await failure { _ = try await journal(try cluster.place()).stages() }
            #expect(error?.message == "the journal was written by a newer drover (its format is 2)")
        }
    }

    @Test(arguments: [
        ("test/shop/stage/staging", "{", "the key test/shop/stage/staging does not hold what belongs there"),
        ("test/shop/format", "one", "the key test/shop/format does not hold what belongs there"),
    ])
    func whatIsDamagedIsNamed(_ key: String, _ value: String, _ message: String) async throws {
        try await ThrowawayEtcd.with { cluster in
            _ = try await journal(try cluster.place()).stages()
            _ = try await cluster.control("put", key, value)
            let error = await failure { _ = try await journal(try cluster.place()).stages() }
            #expect(error?.code == .damaged && error?.message == message)
            #expect(try await cluster.control("get", "--print-value-only", key) == value + "\n")
        }
    }

    @Test func aRestoringThatWasCutOffIsNoJournal() async throws {
        try await ThrowawayEtcd.with { cluster in
            let place = try cluster.place()
            var dump = JournalDump(lastRun: RunID(300))
            for number in 1...300 {
                dump.runs.append(
                    RunRecord(
                        id: RunID(Int64(number)), kind: .rollout, stage: "staging", holder: "me", startedAt: time(0)))
            }
            _ = try await cluster.control("put", "test/shop/restoring", "1")
            _ = try await cluster.control("put", "test/shop/run/0000000000000000009", "{}")
            let error = await failure { _ = try await journal(place).runs(stage: nil, limit: 1) }
            #expect(error?.code == .damaged && error?.hints == ["begin it again: drover state import FILE"])
            try await journal(place).restore(dump)
            #expect(try await journal(place).dump() == dump)
        }
    }

    @Test func aJournalWithoutItsFormatIsNotTakenForANewOne() async throws {
        try await ThrowawayEtcd.with { cluster in
            _ = try await journal(try cluster.place()).begin(rollout, under: nil, at: time(0))
            _ = try await cluster.control("del", "test/shop/format")
            let error = await failure { _ = try await journal(try cluster.place()).stages() }
            #expect(error?.code == .damaged && error?.message.hasPrefix("the key test/shop/format is gone") == true)
        }
    }
}

/// Members that are killed, stopped or full, and certificates whose time is over: each a clear line, and nothing lost.
@Suite struct EtcdFaultTests {
    private func journal(_ place: EtcdPlace) throws -> EtcdJournal {
        EtcdJournal(
            place, service: "shop", web: try HTTPExchange(trust: place.trust, connectTimeout: .seconds(1)),
            now: { time(0) })
    }

    private func append(_ journal: EtcdJournal, _ run: RunID, _ lease: Lease, _ numbers: ClosedRange<Int>) async throws
    {
        for number in numbers {
            try await journal.append("n", payload: "\(number)", to: run, under: lease, at: time(1))
        }
    }

    @Test func aMemberThatIsKilledOrSilentLosesNothing() async throws {
        try await ThrowawayEtcd.with(members: 3) { cluster in
            let journal = try journal(try cluster.place())
            let lease = try await journal.acquireLease(
                stage: "staging", holder: "me", timeToLive: .seconds(60), now: time(0))
            let run = try await journal.begin(
                NewRun(.rollout, stage: "staging", holder: "me"), under: lease, at: time(0)
            ).id
            try await append(journal, run, lease, 1...20)
            cluster.signal(SIGKILL, to: 0)
            try await append(journal, run, lease, 21...40)
            try await cluster.start(0)
            try await cluster.waitUntilHealthy(0)
            // Frozen in the middle of whatever it was asked for.
            let writing = Task { try await append(journal, run, lease, 41...80) }
            while try await journal.entries(of: run).count < 45 { await Task.yield() }
            cluster.signal(SIGSTOP, to: 1)
            try await writing.value
            cluster.signal(SIGCONT, to: 1)
            #expect(try await journal.entries(of: run).map(\.payload) == (1...80).map { "\($0)" })
        }
    }

    @Test func withoutAQuorumNothingIsChangedAndThatIsSaidAtOnce() async throws {
        try await ThrowawayEtcd.with(members: 3) { cluster in
            let place = try cluster.place()
            let run = try await journal(place).begin(
                NewRun(.rollout, stage: "staging", holder: "me"), under: nil, at: time(0)
            ).id
            for member in [0, 1] { cluster.signal(SIGKILL, to: member) }
            let start = ContinuousClock.now
            let told = await errorMessage {
                _ = try await journal(place).begin(
                    NewRun(.rollout, stage: "staging", holder: "me"), under: nil, at: time(0))
            }
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(told.contains("no quorum") && told.contains("connection refused"), "\(told)")
            for member in [0, 1] { try await cluster.start(member) }
            for member in [0, 1] { try await cluster.waitUntilHealthy(member) }
            #expect(try await journal(place).runs(stage: nil, limit: 9).map(\.id) == [run])
        }
    }

    @Test func membersThatElectALeaderAreAskedAgain() async throws {
        try await ThrowawayEtcd.with { cluster in
            let place = try cluster.place()
            let web = ElectingMembers(real: try HTTPExchange(trust: place.trust, connectTimeout: .seconds(1)))
            let journal = EtcdJournal(place, service: "shop", web: web, now: { time(0) })
            #expect(try await journal.stages().isEmpty)
            #expect(web.unhealthyAnswers.withLock { $0 } == 0)
        }
    }

    @Test func whoeverIsNotKnownIsToldWhatIsWrong() async throws {
        try await withTemporaryFolder { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            try await ThrowawayEtcd.with(certificates: certificates) { cluster in
                let place = try cluster.place()
                #expect(try await journal(place).stages().isEmpty)
                var plain = place
                (plain.isSecure, plain.trust) = (false, WebTrust())
                #expect(
                    await errorMessage { _ = try await journal(plain).stages() }.contains("no member of etcd answers"))
                var stranger = place
                (stranger.trust.certificate, stranger.trust.key) = (nil, nil)
                let told = await errorMessage { _ = try await journal(stranger).stages() }
                #expect(
                    told.contains("it asks for a certificate of ours") || told.contains("it does not accept"), "\(told)"
                )
                var believer = place
                believer.trust.authorities = nil
                #expect(
                    await errorMessage { _ = try await journal(believer).stages() }.contains(
                        "its certificate is of nobody whom we know"))
                try await certificates.makeClient(.expired)
                #expect(
                    await errorMessage { _ = try await journal(place).stages() }.contains("the certificate expired at ")
                )
            }
        }
    }

    @Test func aServersExpiredCertificateIsTold() async throws {
        try await withTemporaryFolder { folder in
            let certificates = try await ThrowawayCertificates(in: folder)
            try await ThrowawayEtcd.with(certificates: certificates) { cluster in
                try await certificates.makeServer(.expired)
                let told = await errorMessage { _ = try await journal(try cluster.place()).stages() }
                #expect(told.contains("its certificate expired at "), "\(told)")
            }
        }
    }

    @Test func etcdsOwnUsersAreAskedForTheirPassword() async throws {
        try await ThrowawayEtcd.with { cluster in
            for words in [
                ["user", "add", "root:r"], ["user", "grant-role", "root", "root"], ["user", "add", "ci:pw"],
                ["role", "add", "shop"], ["role", "grant-permission", "shop", "readwrite", "test/", "--prefix"],
                ["user", "grant-role", "ci", "shop"], ["auth", "enable"],
            ] { _ = try await cluster.control(words) }
            var place = try cluster.place()
            #expect(await errorMessage { _ = try await journal(place).stages() }.contains("user name is empty"))
            (place.user, place.password) = ("ci", Secret("wrong"))
            #expect(await errorMessage { _ = try await journal(place).stages() }.contains("authentication failed"))
            place.password = Secret("pw")
            let run = NewRun(.rollout, stage: "staging", holder: "me")
            #expect(try await journal(place).begin(run, under: nil, at: time(0)).id == RunID(1))
            place.prefix = "other"
            #expect(await errorMessage { _ = try await journal(place).stages() }.contains("permission denied"))
        }
    }

    @Test(arguments: [
        ("etcd://a,b:1,[::1]:2/x/y/", ["a:2379", "b:1", "[::1]:2"], "x/y"),
        ("etcd://10.0.0.1", ["10.0.0.1:2379"], "drover"), ("etcd://me@[::1]", ["[::1]:2379"], "drover"),
    ])
    func placesAreRead(_ text: String, _ endpoints: [String], _ prefix: String) throws {
        let place = try EtcdPlace(text)
        #expect(place.endpoints == endpoints && place.prefix == prefix)
    }

    @Test(arguments: [
        "etcd://", "etcd:///x", "etcd://a,,b", "etcd://a:0", "etcd://a:99999", "etcd://a b", "etcd://u:p@a",
        "etcd://@a",
        "etcd://a/ü", "etcd://a/x?y", "etcd://a:b:c", "http://a",
    ])
    func whatIsNoPlaceIsRefused(_ text: String) {
        #expect(throws: InputError.self) { try EtcdPlace(text) }
    }
}

/// Real members that say twice that they can't write, as those do that have no leader yet.
private final class ElectingMembers: WebExchange {
    let unhealthyAnswers = Mutex(2)
    private let real: HTTPExchange

    init(real: HTTPExchange) { self.real = real }

    func exchange(_ call: WebCall) async throws(WebFailure) -> WebReply {
        guard call.url.hasSuffix("/health"), isUnhealthy() else { return try await real.exchange(call) }
        return WebReply(status: 503, body: Array(#"{"health":"false"}"#.utf8))
    }

    private func isUnhealthy() -> Bool {
        unhealthyAnswers.withLock { left in
            defer { left = max(0, left - 1) }
            return left > 0
        }
    }
}
