import Foundation
import TestSupport
import Testing

/// What is sent of a build to hosts that run another one.
extension RolloutEngineEndToEndTests {
    @Test func onlyWhatDiffersIsSentToHostsThatHaveZstd() async throws {
        let lab = try FaultLab.shared
        let running = try #require(try await lab.runningBuilds()["ap2"])
        let payload = Data((0..<3_000_000).map { _ in UInt8.random(in: 0...255) })
        try await lab.drover("rollout", "lab", lab.build("delta-1", holding: payload)).succeeded()
        // One byte in a hundred.
        let changed = payload.prefix(30_000).map { ~$0 } + payload.dropFirst(30_000)
        let second = try await lab.drover("rollout", "lab", lab.build("delta-2", holding: Data(changed))).succeeded()
        let lines = second.errors.split(separator: "\n").filter { $0.contains("sent, what differs from") }
        #expect(lines.count == 2 && lines.allSatisfy { !$0.contains("ap1") }, "\(second.errors)")
        for line in lines { #expect(line.firstMatch(of: /: [0-9.]+ KiB of 2\.[0-9] MiB sent/) != nil, "\(line)") }
        let whole = second.errors.split(separator: "\n").filter { $0.contains("there is no zstd") }
        #expect(whole.count == 1 && whole.allSatisfy { $0.contains("ap1") }, "\(second.errors)")
        try await lab.expectWhole(build: "delta-2")
        try await lab.drover("rollout", "lab", lab.build(running)).succeeded()
    }
}

extension FaultLab {
    /// A good build with a file of these bytes in it.
    fileprivate func build(_ version: String, holding payload: Data) async throws -> String {
        let small = try await build(version)
        let place = folder.appendingPathComponent("builds/ledger-\(version)-good")
        try payload.write(to: place.appendingPathComponent("payload"))
        let pack = #"tar --sort=name --owner=0 --group=0 --mtime=@0 -C "$0" -cf - . | gzip -n >"$1""#
        try await DroverProgram.run(["sh", "-c", pack, place.path, small]).succeeded()
        return small
    }
}
