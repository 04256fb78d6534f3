import Fleet
import Foundation
import Journaling
import TestSupport
import Testing
import Web

/// What a journal in etcd outlives on real hosts, whose data lie on real disks.
extension EtcdEndToEndTests {
    private func journal(_ lab: EtcdLab, trust: WebTrust = WebTrust()) throws -> EtcdJournal {
        var place = try EtcdPlace("etcd://\(EtcdLab.members.map { lab.endpoint(of: $0) }.joined(separator: ","))")
        (place.trust, place.isSecure) = (trust, trust != WebTrust())
        return EtcdJournal(
            place, service: "shop", web: try HTTPExchange(trust: trust), now: { Timestamp(milliseconds: 0) })
    }

    private func append(_ numbers: ClosedRange<Int>, to run: RunID, _ journal: EtcdJournal) async throws {
        for number in numbers {
            try await journal.append(
                "n", payload: "\(number)", to: run, under: nil, at: Timestamp(milliseconds: Int64(number)))
        }
    }

    private func begin(_ journal: EtcdJournal) async throws -> RunID {
        let new = NewRun(.rollout, stage: "staging", holder: "me")
        return try await journal.begin(new, under: nil, at: Timestamp(milliseconds: 0)).id
    }

    private func expect(_ count: Int, in run: RunID, of journal: EtcdJournal) async throws {
        let found = try await journal.entries(of: run).map(\.payload)
        #expect(found == (1...count).map { "\($0)" }, "\(found)")
    }

    @Test func aJournalGoesOnWhenAMemberIsKilledCutOffOrFull() async throws {
        let lab = try EtcdLab.shared
        let journal = try journal(lab)
        let run = try await begin(journal)
        try await lab.kill("etcd1")
        try await append(1...10, to: run, journal)
        try await lab.untilHealthy("etcd1")
        try await lab.cutOff("etcd2")
        try await append(11...20, to: run, journal)
        try await lab.reconnect("etcd2")
        try await lab.untilHealthy("etcd2")
        try await lab.fillDisk(of: "etcd3")
        try await append(21...30, to: run, journal)
        try await lab.freeDisk(of: "etcd3")
        try await lab.mend()
        try await append(31...40, to: run, journal)
        try await expect(40, in: run, of: journal)
    }

    @Test func aJournalWithoutAQuorumSaysSoAndComesBackWhole() async throws {
        let lab = try EtcdLab.shared
        let run = try await begin(try journal(lab))
        try await append(1...5, to: run, try journal(lab))
        try await lab.stop("etcd1")
        try await lab.cutOff("etcd2")
        let start = ContinuousClock.now
        let told = await errorMessage { try await append(6...6, to: run, try journal(lab)) }
        #expect(told.contains("connection refused") && told.contains("no connection in time"), "\(told)")
        #expect(told.contains("no quorum"), "\(told)")
        #expect(ContinuousClock.now - start < .seconds(10))
        try await lab.reconnect("etcd2")
        try await lab.start()
        try await lab.restartAll()
        try await append(6...9, to: run, try journal(lab))
        try await expect(9, in: run, of: try journal(lab))
    }

    @Test func anExpiredCertificateOfAMemberIsNamed() async throws {
        let lab = try EtcdLab.shared
        let certificates = try await lab.useTLS()
        let (certificate, key) = try await certificates.makeClient()
        let trust = WebTrust(authorities: certificates.authority, certificate: certificate, key: key)
        let run = try await begin(try journal(lab, trust: trust))
        try await lab.present(.expired, of: certificates)
        let told = await errorMessage { try await append(1...1, to: run, try journal(lab, trust: trust)) }
        #expect(told.contains("its certificate expired at "), "\(told)")
        try await lab.present(.valid, of: certificates)
        try await append(1...1, to: run, try journal(lab, trust: trust))
        try await expect(1, in: run, of: try journal(lab, trust: trust))
        try await lab.mend()
    }
}
