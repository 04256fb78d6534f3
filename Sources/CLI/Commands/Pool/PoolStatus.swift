import ArgumentParser
import Fleet

extension Drover.PoolCommand {
    /// `drover pool status STAGE`
    struct Status: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Desired, file and running state of every member on every balancer."
        )
        .examples("drover pool status production")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let answer = PoolAnswer(try await PoolReading.take(service, stage: stage, connection, seams))
            try seams.terminal.show(Self.table(answer), or: answer, as: format.format)
            for balancer in answer.balancers {
                if let fault = balancer.fault {
                    seams.terminal.warn("\(balancer.balancer): \(fault)")
                } else if !balancer.isEstablished {
                    seams.terminal.warn("\(balancer.balancer): the backend's settings are not the pool's")
                }
            }
            return .done
        }

        static func table(_ answer: PoolAnswer) -> Table {
            var table = Table(
                "BALANCER", "MEMBER", "DESIRED", "FILE", "RUNNING", "STATE", "WEIGHT", "SESSIONS", "CHECK", "KEPT OUT")
            table.spare = ["CHECK", "SESSIONS", "WEIGHT"]
            for balancer in answer.balancers {
                for member in balancer.members {
                    table.add(
                        balancer.balancer.description, member.host.description, member.desired ?? "-",
                        member.file ?? "-", member.running ?? "-", member.state?.rawValue ?? "-",
                        member.share, member.sessions.map(String.init) ?? "-",
                        member.check ?? "-", member.keptOut?.words ?? "-")
                }
            }
            return table
        }
    }
}
