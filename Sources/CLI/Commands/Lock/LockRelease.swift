import ArgumentParser
import Fleet
import Rollouts

extension Drover.LockCommand {
    /// `drover lock release STAGE --reason TEXT`
    struct Release: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a stage's lease away from a controller that is gone.",
            discussion: """
                Refused while the holder runs on this machine, or its heartbeat is seen, which is watched for 12.5 s. Who \
                loses the lease is refused by the journal, the hosts and the balancers from the next change on: the next \
                lease has a greater token.
                """
        )
        .examples(#"drover lock release production --reason "runner 7 is gone""#)

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @Option(help: "Why; it is journaled.") var reason: String
        @Flag(help: "Also while the holder is at work.") var force = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason wants a reason") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let terminal = seams.terminal
            let work = try await StageWork(try service.read(seams), stage: stage, connection, format.format, seams)
            let released = try await StageLock(work.session).release(reason: terminal.redactor(reason), isForced: force)
            await work.session.close()
            switch format.format {
            case .json:
                let answer = ReleasedLeaseAnswer(
                    stage: stage, released: released != nil, holder: released?.lease.holder,
                    token: released?.lease.token, run: released?.run.id)
                terminal.write(json: try EncodedJSON.pretty(answer))
            case .table:
                let words = released.map { "the lease of \($0.lease.holder) is released" } ?? "nobody holds the lease"
                terminal.write("\(stage): \(words)")
            }
            return .done
        }
    }
}
