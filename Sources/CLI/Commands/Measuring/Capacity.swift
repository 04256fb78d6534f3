import ArgumentParser
import Fleet
import Insight

extension Drover {
    /// `drover capacity STAGE`
    struct Capacity: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many hosts each tier takes at the load there is, and what it means that one is missing.",
            discussion: """
                Watches the stage for a while, or takes what agents kept: name the time of the peak. Of each tier: how busy its \
                hosts are, how many the load takes (N), how many are to be spared (k), how busy the others would be without one, \
                and how likely it is that too few are up. The more hosts, the likelier one is down. Hosts are taken to fail by \
                themselves: what takes several at once, such as a switch, is not in it.
                """
        )
        .examples(
            "drover capacity production --from 20:00 --to 21:00",
            "drover capacity production --for 5m --spare 2 --growth 1.5")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var watching: WatchOptions
        @Option(help: ArgumentHelp("How many hosts of a tier may be missing (k).", valueName: "hosts")) var spare = 1
        @Option(help: ArgumentHelp("By how much the load may grow: 1.5 is half as much again.", valueName: "factor"))
        var growth = 1.0
        @Option(help: ArgumentHelp("For how much of the time a host is up, in percent.", valueName: "percent"))
        var availability = 99.0
        @Option(
            help: ArgumentHelp("For how much of the time the load is to be borne, in percent.", valueName: "percent"))
        var wanted = 99.9
        @Flag(help: "Show how the numbers were worked out.") var arithmetic = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            guard (0...1000).contains(spare) else { throw ValidationError("--spare is 0 to 1000 hosts") }
            guard growth > 0, growth <= 1000 else { throw ValidationError("--growth is more than 0, and 1000 at most") }
            for (flag, value) in [("--availability", availability), ("--wanted", wanted)] {
                guard value > 0, value < 100 else {
                    throw ValidationError("\(flag) is more than 0 and less than 100 percent")
                }
            }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let observation = try await watching.observe(stage, service, connection, seams)
            let request = CapacityPlan.Request(
                growth: growth, spare: spare, availability: availability / 100, wanted: wanted / 100)
            let answer = CapacityAnswer(CapacityPlan(observation, request), observation)
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answer))
            case .table: CapacityReport(seams.terminal, showsArithmetic: arithmetic).show(answer)
            }
            return observation.wasSeen ? .done : .failed
        }
    }
}
