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
        let alone = try await Self.time(words, lab)
        let crowd = try await lab.withEdited("inventory/lab.yml", { $0 + Self.crowd(hole.port) }) {
            try await Self.time(words, lab)
        }
        print(words.prefix(2).joined(separator: " "), "alone:", alone.took, "with \(Self.dead) dead:", crowd.took)
        let said = crowd.done.output + crowd.done.errors
        // What balancers and minimums are asked for says nothing of single hosts.
        if !["pool", "restart"].contains(words[0]) {
            #expect(said.contains("no answer") || said.contains("does not answer"), "\(said)")
        }
        #expect(crowd.took < Self.patience + .seconds(2) + alone.took * 2, "alone \(alone.took), so \(crowd.took)")
        try await lab.mend()
    }

    private static func time(_ words: [String], _ lab: FaultLab) async throws -> (took: Duration, done: Transcript) {
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
