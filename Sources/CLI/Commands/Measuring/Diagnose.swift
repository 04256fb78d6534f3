import ArgumentParser
import Fleet
import Insight

extension Drover {
    /// `drover diagnose STAGE`
    struct Diagnose: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which tier of a stage is short of what, what says so, and what would mend it.",
            discussion: """
                Watches every host of the stage's inventory over SSH for a while, all at once: its counters, its threads and \
                connections, its services and what the balancers count. Watch while the service is slow. Nothing is changed, \
                and no load is made. With --from and --to it looks at what agents kept instead, which has no services in it. \
                Ends with 0 also where a tier is short; --detailed-exitcode tells it apart. docs/diagnosis.md has the rules.
                """
        )
        .examples(
            "drover diagnose production", "drover diagnose production --for 5m --detailed-exitcode",
            "drover diagnose production --from 10:00 --to 10:15")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var watching: WatchOptions
        @Flag(name: .customLong("detailed-exitcode"), help: "End with 2 where a tier is short of something.")
        var detailedExitCode = false
        @Flag(help: "Show how the numbers of hosts were worked out.") var arithmetic = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let observation = try await watching.observe(stage, service, connection, seams)
            let answer = DiagnosisAnswer(Diagnosis.of(observation), observation)
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table: DiagnosisReport(seams.terminal, showsArithmetic: arithmetic).show(answer)
            }
            guard observation.wasSeen else { return .failed }
            return detailedExitCode && answer.isShort ? .changesFound : .done
        }
    }
}
