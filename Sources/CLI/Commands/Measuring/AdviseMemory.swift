import ArgumentParser
import Fleet
import Insight

extension Drover.AdviseCommand {
    /// `drover advise memory STAGE`
    struct Memory: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Say for each tier whether what it uses again and again fits its memory, and what would make it fit.",
            discussion: """
                Watches the stage for a while, or takes what agents kept. That memory is full of files is as it should be; that \
                files are read again which had just been dropped (refaults) is shortage. More memory and more hosts are both \
                worked out: hosts help where each keeps a part of the data.
                """
        )
        .examples("drover advise memory production", "drover advise memory production --for 5m")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var watching: WatchOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let observation = try await watching.observe(stage, service, connection, seams)
            let answer = MemoryAnswer(observation)
            try AdviceReport(seams.terminal).show(answer, format.format)
            return observation.wasSeen ? .done : .failed
        }
    }

    /// `drover advise hosts STAGE`
    struct Hosts: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say for each tier how many hosts its load takes, for its processors and for its memory.",
            discussion: """
                Watches the stage for a while, or takes what agents kept: name the time of the peak. Hosts to spare are not \
                counted: drover capacity has those.
                """
        )
        .examples("drover advise hosts production --for 5m", "drover advise hosts production --from 20:00 --to 21:00")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var watching: WatchOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let observation = try await watching.observe(stage, service, connection, seams)
            let answer = HostsAnswer(observation)
            try AdviceReport(seams.terminal).show(answer, format.format)
            return observation.wasSeen ? .done : .failed
        }
    }
}
