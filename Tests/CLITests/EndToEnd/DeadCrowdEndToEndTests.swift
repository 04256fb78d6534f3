import Fleet
import Foundation
import TestSupport
import Testing

extension FaultEndToEndTests {
    private static let patience = Duration.seconds(LongForm.isAsked ? 10 : 4)
    private static let dead = LongForm.isAsked ? 300 : 12

    private static var commands: [[String]] { LongForm.isAsked ? all : all.filter { short.contains($0[0]) } }
    private static let short = ["status", "apply", "rollout"]
    private static let all: [[String]] = [
        ["status", "lab"], ["pool", "status", "lab"], ["logs", "lab", "-n", "1"], ["doctor", "--stage", "lab"],
        ["trust", "--stage", "lab"], ["plan", "lab"], ["restart", "lab", "ap1", "--force", "test"],
        ["apply", "lab", "--force", "test"], ["rollout", "lab", "BUILD", "--force", "test"],
    ]

    /// A stage most of whose members are dead: every command ends within the time to connect and 2 s more than it takes without
    /// them, however many steps it has.
    @Test(arguments: commands)
    func theDeadAreWaitedForOnce(_ words: [String]) async throws {
        let lab = try FaultLab.shared
        let hole = try BlackHole()
        let build = try await lab.build("1")
        let words = words.map { $0 == "BUILD" ? build : $0 } + ["-T", "\(Self.patience.components.seconds)"]
        var (alone, crowd) = try await Self.times(words, lab, hole.port)
        // Waiting at every step is too slow every time, a neighbour's load is not.
        for _ in 0..<2 where !Self.isOnce(crowd.took, alone.took) {
            (alone, crowd) = try await Self.times(words, lab, hole.port)
        }
        let said = crowd.done.output + crowd.done.errors
        // What balancers and minimums are asked for says nothing of single hosts.
        if !["pool", "restart"].contains(words[0]) {
            #expect(said.contains("no answer") || said.contains("does not answer"), "\(said)")
        }
        #expect(Self.isOnce(crowd.took, alone.took), "alone \(alone.took), so \(crowd.took)")
        try await lab.mend()
    }

    private static func isOnce(_ crowd: Duration, _ alone: Duration) -> Bool {
        crowd < patience + .seconds(2) + alone * 2
    }

    private typealias Timed = (took: Duration, done: Transcript)

    private static func times(_ words: [String], _ lab: FaultLab, _ port: UInt16) async throws -> (Timed, Timed) {
        let alone = try await time(words, lab)
        let crowd = try await lab.withEdited("inventory/lab.yml", { $0 + Self.crowd(port) }) {
            try await time(words, lab)
        }
        print(words.prefix(2).joined(separator: " "), "alone:", alone.took, "with \(dead) dead:", crowd.took)
        return (alone, crowd)
    }

    private static func time(_ words: [String], _ lab: FaultLab) async throws -> Timed {
        let began = ContinuousClock.now
        let done = try await lab.drover.run(words)
        return (.now - began, done)
    }

    private static func crowd(_ port: UInt16) -> String {
        (0..<dead).map { number in
            let address = "127.9.\(number / 200).\(number % 200 + 1)"
            return "        gone\(number): {ansible_host: \(address), ansible_port: \(port)}\n"
        }.joined()
    }
}
