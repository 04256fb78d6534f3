import ArgumentParser
import Fleet
import Foundation
import Journaling
import Rollouts

extension Drover.LockCommand {
    /// `drover lock release STAGE --reason TEXT`
    struct Release: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a stage's lease away from a controller that is gone.",
            discussion: """
                Refused while the holder runs on this machine, or its heartbeat is seen. Who loses the lease is refused by
                the journal, the hosts and the balancers from the next change on: the next lease has a greater token.
                """)

        @Argument(help: "The stage.") var stage: String
        @Option(help: "Why; it is journaled.") var reason: String
        @Flag(help: "Also while the holder is at work.") var force = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason wants a reason") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let journal = try service.read(seams).journal(of: stage, seams)
            guard let lease = try await journal.lease(stage: stage) else {
                return try answer(nil, nil, seams)
            }
            if !force { try await refuseWhileAlive(lease, journal, seams.terminal) }
            let run = try await note(lease, journal, seams.terminal)
            try await journal.release(lease)
            if let other = try await journal.lease(stage: stage) {
                throw LeaseInUse(lease: other, reason: "it was taken or renewed meanwhile")
            }
            return try answer(lease, run, seams)
        }

        private func refuseWhileAlive(_ lease: Lease, _ journal: SQLiteJournal, _ terminal: Terminal) async throws {
            if let process = Controller.livingProcess(of: lease) {
                throw LeaseInUse(lease: lease, reason: "it runs on this machine", process: process)
            }
            // Gone, or its time is over: nobody is kept from taking it as it is.
            if Controller.isDead(lease) || lease.expiresAt < Controller.now() { return }
            let keeper = LeaseKeeper(
                journal: journal, holder: Controller.name, now: Controller.now,
                sleep: { duration in try await Task.sleep(for: duration) },
                watching: { _, time in
                    terminal.say("watching for a heartbeat of \(lease.holder) for \(RolloutTeller.seconds(time))")
                })
            guard try await keeper.isAlive(lease) else { return }
            guard let other = try await journal.lease(stage: stage) else { return }
            throw LeaseInUse(lease: other, reason: "its heartbeat was seen")
        }

        /// Written before the lease is taken away.
        private func note(_ lease: Lease, _ journal: SQLiteJournal, _ terminal: Terminal) async throws -> RunRecord {
            let run = try await journal.begin(
                NewRun(.lockRelease, stage: stage, holder: Controller.name), under: nil, at: Controller.now())
            let note = LeaseRelease(holder: lease.holder, token: lease.token, reason: terminal.redactor(reason))
            try await journal.append(
                "released", payload: try EncodedJSON.line(note), to: run.id, under: nil, at: Controller.now())
            try await journal.finish(run.id, .succeeded, at: Controller.now())
            return run
        }

        private func answer(_ lease: Lease?, _ run: RunRecord?, _ seams: Seams) throws -> ExitStatus {
            switch format.format {
            case .json:
                let answer = Answer(
                    stage: stage, released: lease != nil, holder: lease?.holder, token: lease?.token, run: run?.id)
                seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table:
                let words = lease.map { "the lease of \($0.holder) is released" } ?? "nobody holds the lease"
                seams.terminal.write("\(stage): \(words)")
            }
            return .done
        }
    }

    /// What was done, as programs read it.
    private struct Answer: Encodable {
        let stage: String
        let released: Bool
        let holder: String?
        let token: Int64?
        let run: RunID?
    }
}

/// That a lease was taken away, as the journal keeps it.
struct LeaseRelease: Codable {
    /// Who held it.
    let holder: String
    let token: Int64
    let reason: String
}

/// A lease's holder is at work.
struct LeaseInUse: ExplainedError, ExitingError {
    let lease: Lease
    let reason: String
    /// Its process, when it is one of this machine.
    var process: Int32?

    var subject: String? { lease.stage }
    var message: String { "\(lease.holder) is changing this stage: \(reason)" }
    var hints: [String] {
        let stop = process.map { "kill -INT \($0) has it finish the hosts in hand and give the lease back" }
        return [stop ?? "stop it where it runs", "or take the lease away all the same: --force"]
    }
    var exitStatus: ExitStatus { .leaseHeld }
}
