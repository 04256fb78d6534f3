import Fleet
import Foundation
import Journaling
import TestSupport
import Testing

/// `drover lock`, run as an operator would.
@Suite struct LockTests {
    private func withService(
        _ body: (DroverProgram, SQLiteJournal) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try """
            service: shop
            pool: {name: shop, balancers: lb, members: ap, port: 80}
            stages: {production: {inventory: hosts.yml}}

            """.write(to: folder.appendingPathComponent("drover.yml"), atomically: true, encoding: .utf8)
            // Nobody answers: what the journal has is all there is.
            try "{ap: {hosts: {ap1: {ansible_host: 127.0.0.1, ansible_port: 1}}}, lb: {hosts: {ap1: }}}\n".write(
                to: folder.appendingPathComponent("hosts.yml"), atomically: true, encoding: .utf8)
            let state = folder.path + "/state"
            let journal = try SQLiteJournal(path: state + "/journal.sqlite")
            try await body(DroverProgram(in: folder, environment: ["DROVER_STATE": state]), journal)
        }
    }

    private var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    private func held(
        by holder: String, for time: Duration, _ journal: SQLiteJournal
    ) async throws -> Lease {
        try await journal.acquireLease(stage: "production", holder: holder, timeToLive: time, now: now)
    }

    @Test func aLeaseOfALaterTimeIsReleasedAndJournaled() async throws {
        try await withService { drover, journal in
            let left = try await held(by: "ci@elsewhere:7", for: .seconds(7200), journal)
            let status = try await drover("lock", "status", "production").succeeded()
            #expect(status.output.contains("ci@elsewhere:7 holds the lease"))
            #expect(status.output.contains("not on this machine"))
            let release = try await drover("lock", "release", "production", "--reason", "its clock was wrong")
                .succeeded()
            #expect(release.output == "production: the lease of ci@elsewhere:7 is released\n")
            #expect(release.errors.contains("watching for a heartbeat"))
            #expect(try await journal.lease(stage: "production") == nil)
            let next = try await held(by: "me@here:1", for: .seconds(30), journal)
            #expect(next.token > left.token)
            let run = try #require(try await journal.runs(stage: "production", limit: 1).first)
            #expect(run.kind == .lockRelease && run.outcome == .succeeded)
            let history = try await drover("history", "--run", run.id.description).succeeded()
            #expect(history.output.contains("lease of ci@elsewhere:7 released: its clock was wrong"))
        }
    }

    @Test func aHolderOnThisMachineIsNotRobbed() async throws {
        try await withService { drover, journal in
            let machine = ProcessInfo.processInfo.hostName
            let lease = try await held(
                by: "me@\(machine):\(ProcessInfo.processInfo.processIdentifier)", for: .seconds(30), journal)
            let refused = try await drover("lock", "release", "production", "--reason", "haste")
            #expect(refused.status == 5)
            #expect(refused.errors.contains("it runs on this machine"))
            #expect(refused.errors.contains("hint: kill -INT"))
            #expect(try await journal.lease(stage: "production") == lease)
            try await drover("lock", "release", "production", "--reason", "it hangs", "--force").succeeded()
            #expect(try await journal.lease(stage: "production") == nil)
        }
    }

    @Test func aHolderThatIsGoneNeedsNoWatching() async throws {
        try await withService { drover, journal in
            let machine = ProcessInfo.processInfo.hostName
            _ = try await held(by: "me@\(machine):\(Int32.max)", for: .seconds(7200), journal)
            let status = try await drover("lock", "status", "production", "--format", "json").succeeded()
            #expect(status.output.contains(#""state" : "gone""#))
            let release = try await drover("lock", "release", "production", "--reason", "gone").succeeded()
            #expect(!release.errors.contains("watching"))
            let nobody = try await drover("lock", "status", "production").succeeded()
            #expect(nobody.output == "production: nobody holds the lease\n")
            let again = try await drover("lock", "release", "production", "--reason", "gone").succeeded()
            #expect(again.output == "production: nobody holds the lease\n")
        }
    }

    @Test(arguments: [
        ["lock", "release", "production"], ["lock", "release", "production", "--reason", " "],
        ["lock", "status", "prodution"],
    ])
    func whatIsWrongIsSaid(_ words: [String]) async throws {
        try await withService { drover, _ in
            let transcript = try await drover.run(words)
            #expect(transcript.status == 64, "\(transcript.errors)")
        }
    }
}
