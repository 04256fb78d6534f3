import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Balancing

/// Passes everything on, and keeps the statuses that commands ended with.
private struct WatchedTransport: Transport {
    let base: any Transport
    let statuses: Statuses

    final class Statuses: Sendable {
        private let seen = Mutex<[Int32]>([])

        var all: [Int32] { seen.withLock(\.self) }

        func add(_ status: Int32) { seen.withLock { $0.append(status) } }
    }

    var host: HostName { base.host }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        let result = try await base.run(command, outputLimit: outputLimit)
        statuses.add(result.status)
        return result
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        try await base.upload(localFile, to: path, mode: mode, privilege: privilege)
    }

    func close() async { await base.close() }
}

/// A balancer's file and those who change it at once.
@Suite(.haproxy, .serialized, .timeLimit(.minutes(2)))
struct BalancerFileLockTests {
    /// Nobody finds the file changed between reading and replacing it, though each has consoles of its own.
    @Test func changesByTwoOfOneProcessTakeTurns() async throws {
        try await Rig.run { rig in
            let statuses = WatchedTransport.Statuses()
            let traffics = try (0..<2).map { _ in
                try rig.traffic(
                    "ap1", "ap2", "ap3",
                    lb1: .over(WatchedTransport(base: rig.transport("lb1"), statuses: statuses)),
                    lb2: .over(WatchedTransport(base: rig.transport("lb2"), statuses: statuses)))
            }
            try await traffics[0].establish()
            let names = traffics[0].pool.members
            try await forEachBounded(Array(names.enumerated())) { item in
                try await traffics[item.offset % 2].admit(item.element, patience: .seconds(20))
            }
            try await forEachBounded(Array(names.enumerated())) { item in
                _ = try await traffics[item.offset % 2].drain(item.element.host, patience: .seconds(20))
            }
            #expect(!statuses.all.contains(BalancerScript.changed))
            let disabled = await traffics[0].observe().map(\.disabled)
            #expect(disabled == Array(repeating: Set(names.map(\.host)), count: 2))
        }
    }

    @Test func oneFileHasOneLockAndAnotherAnother() throws {
        let (one, two) = (try HostName("lock1"), try HostName("lock2"))
        #expect(BalancerFileLock.of("/a", on: one) === BalancerFileLock.of("/a", on: one))
        #expect(BalancerFileLock.of("/a", on: one) !== BalancerFileLock.of("/b", on: one))
        #expect(BalancerFileLock.of("/a", on: one) !== BalancerFileLock.of("/a", on: two))
    }
}
