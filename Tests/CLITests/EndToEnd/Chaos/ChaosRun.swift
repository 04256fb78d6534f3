import Foundation
import Synchronization
import TestSupport
import Testing

/// One rollout with one fault at one moment, all drawn from a seed.
struct ChaosRun: Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let fault: ChaosFault
    let host: String
    /// The line of the rollout's output at which the fault begins: the `count`-th `event` of `action`.
    let event: String
    let action: String
    let count: Int
    /// How an operator goes on after a controller that did not end its rollout.
    let remedy: [String]
    /// Whether that is another operator, in a clone on another machine.
    let isRemediedElsewhere: Bool

    init(seed: UInt64) {
        var dice = Dice(seed)
        let faults = ChaosFault.allCases
        self.seed = seed
        // Neighbouring seeds take the faults in turn, so that a few runs meet many of them.
        fault = faults[Int(seed % UInt64(faults.count))]
        let hosts = fault.concernsBalancer ? FaultLab.balancers : FaultLab.members
        host = fault == .memberDiskFull ? FaultLab.memberWithDisk : dice.pick(hosts)
        event = dice.pick(["intent", "done"])
        action = dice.pick(["stage", "drain", "activate", "check", "admit", "confirm"])
        count = dice.pick([1, 1, 2, 3])
        remedy = dice.pick([["rollout", "resume", "lab"], ["rollback", "lab"]])
        isRemediedElsewhere = dice.pick([false, true])
    }

    var testDescription: String { "seed \(seed): \(fault.rawValue) of \(host) at \(event) \(action) \(count)" }

    /// A controller that is killed, a member off, its sshd frozen, HAProxy killed, a balancer off, a build that crashes, full
    /// disks of a member and of the controller, a cut network, and etcd's leader killed.
    private static let shortForm: [UInt64] = [1008, 1014, 1017, 1021, 1023, 1026, 1028, 1029, 1030, 1031]

    /// As many runs as `DROVER_CHAOS_RUNS` asks for, from seed `DROVER_CHAOS_SEED`, of the one fault that
    /// `DROVER_CHAOS_FAULT` names; else those of the short form.
    static let all: [Self] = {
        let environment = ProcessInfo.processInfo.environment
        guard let runs = environment["DROVER_CHAOS_RUNS"].flatMap(UInt64.init) else {
            return shortForm.map(Self.init)
        }
        let first = environment["DROVER_CHAOS_SEED"].flatMap(UInt64.init) ?? 1
        let fault = environment["DROVER_CHAOS_FAULT"].flatMap(ChaosFault.init)
        let seeds = (0...).lazy.map { first &+ $0 }.map(Self.init).filter { fault == nil || $0.fault == fault }
        return Array(seeds.prefix(Int(runs)))
    }()
}

extension ChaosRun {
    /// What came of it.
    struct Outcome: Sendable {
        var rollout: Transcript
        /// What was done afterwards, and how it ended.
        var remedies: [(words: String, transcript: Transcript)] = []

        var story: String {
            let told = remedies.map { "\($0.words): \($0.transcript.status)\n\($0.transcript.errors.suffix(1500))" }
            return (["rollout: \(rollout.status)\n\(rollout.errors.suffix(3000))"] + told).joined(separator: "\n")
        }
    }

    /// Rolls a new build out, with the fault, then does what an operator would.
    func play(on lab: FaultLab) async throws -> Outcome {
        try await ChaosController.with(fault, of: lab) { controller in
            let build = try await lab.build("c\(seed)", fault.behaviour)
            let strike = OneShot()
            var outcome = Outcome(rollout: try await rollOut(build, on: lab, controller, strike))
            try await strike.finish()
            try await fault.end(on: host, lab)
            try await controller.end?()
            if fault.mayLeaveUnfinished { outcome.remedies.append(try await remedied(lab, controller)) }
            outcome.remedies.append(("apply", try await lab.drover("apply", "lab")))
            if fault == .memberInMaintenance {
                outcome.remedies.append(("undrain", try await lab.drover("undrain", "ap2")))
            }
            return outcome
        }
    }

    private func remedied(_ lab: FaultLab, _ controller: ChaosController) async throws -> (String, Transcript) {
        let words = remedy.joined(separator: " ")
        guard isRemediedElsewhere else { return (words, try await controller.drover.run(remedy)) }
        // Nobody elsewhere can know that a controller is dead before its lease is over.
        return try await lab.withClone { clone in
            ("\(words) elsewhere", try await clone.run(remedy + ["--lock-wait", "60s"]))
        }
    }

    private func rollOut(
        _ build: String, on lab: FaultLab, _ controller: ChaosController, _ strike: OneShot
    ) async throws -> Transcript {
        let seen = Atomic(0)
        let isOver = Atomic(false)
        return try await controller.drover.watched(["rollout", "lab", build, "--format", "json"]) { line, process in
            if isOver.load(ordering: .relaxed) {
                // The second of two; the first has had a line to be heard.
                if fault == .controllerInterruptedTwice { kill(process, SIGINT) }
                return
            }
            guard line.contains(#""event":"\#(event)""#), line.contains(#""action":"\#(action)""#),
                seen.add(1, ordering: .relaxed).newValue == count
            else { return }
            isOver.store(true, ordering: .relaxed)
            if let signal = fault.signal { kill(process, signal) }
            strike.start {
                try await fault.begin(on: host, lab)
                try await controller.begin?()
                guard fault == .controllerPaused else { return }
                _ = try await lab.drover("rollback", "lab")
                kill(process, SIGCONT)
            }
        }
    }
}
