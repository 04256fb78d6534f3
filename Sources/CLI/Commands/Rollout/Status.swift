import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover status [STAGE]`
    struct Status: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "How every stage does: what hosts run and balancers serve, asked now; worst first.",
            discussion: """
                Ends with 1 when fewer members are in service than the stage's minimum, or a balancer cannot be asked; \
                what is wrong while enough members serve is told, and ends with 0.
                """
        )
        .examples("drover status", "drover status production -w")

        @Argument(help: "Only this stage.", completion: .stages) var stage: String?
        @Flag(name: .shortAndLong, help: "Ask again every two seconds, until Ctrl-C.") var watch = false
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            guard watch else { return try await show(seams) }
            while true {
                let begun = ContinuousClock.now
                _ = try await show(seams, clearing: seams.terminal.output.isTerminal)
                try await Task.sleep(until: begun + .seconds(2), clock: .continuous)
            }
        }

        /// - Parameter clearing: Whether the screen is cleared once the answers are there; until then it shows the last ones.
        private func show(_ seams: Seams, clearing: Bool = false) async throws -> ExitStatus {
            let file = try service.read(seams)
            let names = try stage.map { [try file.stage($0).name] } ?? file.stages.map(\.name)
            var stages: [StageWork] = []
            for name in names {
                stages.append(try await StageWork(file, stage: name, connection, format.format, seams))
            }
            let answers = try await Self.ask(stages, AskingProgress(seams.terminal))
            if clearing {
                seams.terminal.clearScreen()
                seams.terminal.say("asked \(Controller.this.now()), again every 2 s until Ctrl-C")
            }
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answers))
            case .table:
                let report = StatusReport(seams.terminal)
                for (index, answer) in answers.enumerated() { report.show(answer, isFirst: index == 0) }
            }
            return answers.contains(where: \.isAlarming) ? .failed : .done
        }

        /// Asks all stages at once; the answers come worst first.
        private static func ask(_ stages: [StageWork], _ progress: AskingProgress) async throws -> [StageAnswer] {
            let answers = try await withThrowingTaskGroup(of: (Int, StageAnswer).self) { group in
                for (place, work) in stages.enumerated() {
                    group.addTask {
                        let reading = StageReading(work.session) { question, isOver in progress.note(question, isOver) }
                        let answer = StageAnswer(
                            try await reading.report(), work.session.site, origin: work.access.connections.origin)
                        await work.session.close()
                        return (place, answer)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            return answers.sorted { ($1.1.state, $0.0) < ($0.1.state, $1.0) }.map(\.1)
        }
    }
}
