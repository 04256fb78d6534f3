import Foundation
import TestSupport

/// Who brings a build to the hosts in a chaos run, and what its journal stands on.
struct ChaosController: Sendable {
    /// The program with that journal.
    var drover: DroverProgram
    /// What goes wrong with the journal when the fault begins; `nil` where the fault is elsewhere.
    var begin: (@Sendable () async throws -> Void)?
    /// Undoes it.
    var end: (@Sendable () async throws -> Void)?

    /// Runs `body` with the controller that `fault` is about: one whose journal it can strike, or the lab's own.
    static func with<Result>(
        _ fault: ChaosFault, of lab: FaultLab, _ body: (Self) async throws -> Result
    ) async throws -> Result {
        switch fault {
        case .controllerDiskFull: try await withSmallDisk(lab, body)
        case .etcdLeaderKilled: try await withEtcd(lab, body)
        default: try await body(Self(drover: lab.drover))
        }
    }

    private static func withSmallDisk<Result>(
        _ lab: FaultLab, _ body: (Self) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let disk = folder.path, filler = disk + "/filler"
            try await DroverProgram.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]).succeeded()
            var controller = Self(drover: lab.program(state: disk))
            controller.begin = { _ = try await DroverProgram.run(["sh", "-c", "cat /dev/zero >\"$0\"", filler]) }
            controller.end = { try await DroverProgram.run(["rm", "-f", filler]).succeeded() }
            let result: Swift.Result<Result, any Error>
            do { result = .success(try await body(controller)) } catch { result = .failure(error) }
            try await DroverProgram.run(["umount", disk]).succeeded()
            return try result.get()
        }
    }

    private static func withEtcd<Result>(
        _ lab: FaultLab, _ body: (Self) async throws -> Result
    ) async throws -> Result {
        try await ThrowawayEtcd.with(members: 3) { cluster in
            let leader = try await cluster.leader()
            var controller = Self(drover: lab.program(state: cluster.text()))
            controller.begin = { cluster.signal(SIGKILL, to: leader) }
            controller.end = {
                try await cluster.start(leader)
                try await cluster.waitUntilHealthy(leader)
            }
            return try await body(controller)
        }
    }
}

extension FaultLab {
    /// The program in the service's folder, with another journal.
    func program(state: String) -> DroverProgram {
        var program = drover
        program.environment["DROVER_STATE"] = state
        return program
    }

    /// Does `body` with what somebody on another machine has: a clone of the service, and a journal that knows of nothing.
    func withClone<Result>(_ body: (DroverProgram) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { place in
            let files = FileManager.default
            for name in ["inventory", "playbooks", "drover.yml"] {
                try files.copyItem(at: folder.appendingPathComponent(name), to: place.appendingPathComponent(name))
            }
            let own = place.appendingPathComponent(".drover")
            try files.createDirectory(at: own, withIntermediateDirectories: true)
            // The keys of the lab's hosts, which everybody has who may change them.
            try files.createSymbolicLink(
                at: own.appendingPathComponent("labs"),
                withDestinationURL: folder.appendingPathComponent(".drover/labs"))
            return try await body(DroverProgram(in: place, environment: ["DROVER_STATE": place.path + "/state"]))
        }
    }
}
