import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Rollouts

/// How many bytes go over the wire when a build differs by 1 % from what hosts run.
///
/// The long form (`DROVER_LONG_TESTS=1`) is a build of 200 MB for 20 hosts.
@Suite struct DeltaBytesTests {
    private static let isLong = ProcessInfo.processInfo.environment["DROVER_LONG_TESTS"] == "1"
    private static let (megabytes, hosts) = isLong ? (200, 20) : (4, 3)

    /// Counts what is uploaded.
    private final class Meter: Sendable {
        let bytes = Mutex(0)
    }

    private struct MeteredTransport: Transport {
        let inner: LocalHostTransport
        let meter: Meter
        var host: HostName { inner.host }

        func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
            try await inner.run(command, outputLimit: outputLimit)
        }

        func upload(
            _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
        ) async throws(TransportError) {
            meter.bytes.withLock { $0 += Int(BuildStore.size(of: localFile) ?? 0) }
            try await inner.upload(localFile, to: path, mode: mode, privilege: privilege)
        }

        func close() async {}
    }

    private static func build(_ version: Int, in folder: URL, _ store: BuildStore) async throws -> StoredBuild {
        let script = """
            mkdir -p work; cd work
            [ -f data ] || head -c \(megabytes)000000 /dev/urandom >data
            # 1 % of it, in 50 places.
            i=0; while [ $i -lt 50 ]; do
              head -c \(megabytes * 200) /dev/urandom \
                | dd of=data conv=notrunc bs=\(megabytes * 200) seek=$((i * 97 + \(version))) status=none
              i=$((i + 1))
            done
            tar -cf - . | gzip -1 >../\(version).tar.gz
            """
        try await DroverProgram.run(["env", "-C", folder.path, "sh", "-ec", script]).succeeded()
        return try #require(store.find(try await store.add(folder.path + "/\(version).tar.gz").digest))
    }

    @Test func onePercentChangedCostsAtMostFivePercent() async throws {
        try await withTemporaryFolder { folder in
            let store = BuildStore(stateFolder: folder.path + "/here")
            let (one, two) = (
                try await Self.build(1, in: folder, store), try await Self.build(2, in: folder, store)
            )
            let meter = Meter()
            let deltas = BuildDeltas(store: store)
            let reasons = Told()
            let delivery = DeltaDelivery(
                deltas: deltas, findBase: { store.find($0) }, tellWhole: { reasons.add($0.message) })
            for number in 1...Self.hosts {
                let place = folder.appendingPathComponent("host\(number)")
                let host = try ReleaseHost(in: place)
                let base = host.releases(builds: [one])
                _ = try await base.deliver(one.digest, to: host.name)
                try await base.activate(one.digest.release, on: host.name, revertAfter: nil)
                let metered = MeteredTransport(
                    inner: LocalHostTransport(
                        shell: LocalShellTransport(host: host.name), programs: place.appendingPathComponent("programs")),
                    meter: meter)
                let releases = ShellReleases(
                    layout: host.layout, pool: host.pool, token: 2, dial: { _ in metered },
                    findBuild: { store.find($0) }, delivery: delivery)
                let note = try await releases.deliver(two.digest, to: host.name)
                #expect(note.contains("what differs from"), "\(note) \(reasons.all)")
                // Twenty such hosts would fill a disk.
                try FileManager.default.removeItem(at: place)
            }
            let whole = Int(try #require(BuildStore.size(of: two.path))) * Self.hosts
            let sent = meter.bytes.withLock(\.self)
            print("\(Self.hosts) hosts, \(Self.megabytes) MB: \(sent) of \(whole) bytes sent")
            #expect(sent * 20 <= whole, "\(sent) of \(whole)")
        }
    }

    private final class Told: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock(\.self) }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }
}
