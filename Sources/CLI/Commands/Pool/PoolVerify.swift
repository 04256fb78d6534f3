import ArgumentParser
import Fleet
import Rollouts

extension Drover.PoolCommand {
    /// `drover pool verify STAGE`
    struct Verify: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether every balancer is as the inventory wants it.",
            discussion: """
                Lists what differs with the command that mends it, and ends with status 1 if anything does. A member that \
                somebody took out by hand on every balancer is as wanted, and told.
                """
        )
        .examples("drover pool verify production")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let reading = try await PoolReading.take(service, stage: stage, connection, seams)
            let differences = reading.differences
            var table = Table("BALANCER", "DIFFERENCE", "CURE")
            for difference in differences {
                table.add(
                    difference.balancer.description, difference.description,
                    reading.cure.command(for: difference, reading.views))
            }
            try seams.terminal.show(table, or: PoolAnswer(reading), as: format.format)
            for (host, kept) in reading.keptOut.sorted(by: { $0.key < $1.key }) where !kept.isUnwritten {
                seams.terminal.say("\(host): \(kept.words); let in again with \(HandWords.undrain([host], stage))")
            }
            if differences.isEmpty {
                seams.terminal.say(
                    "pool \(reading.pool.name): \(reading.members.count.of("member")) as wanted on "
                        + reading.balancers.count.of("balancer"))
                return .done
            }
            seams.terminal.tell(hint: "see why: drover status \(stage), then type each cure")
            return .failed
        }
    }
}
