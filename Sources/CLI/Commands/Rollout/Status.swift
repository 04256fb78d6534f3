import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover status [STAGE]`
    struct Status: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "How every stage does: what hosts run and balancers serve, asked now; worst first.",
            discussion: """
                Ends with 1 when fewer members are in service than the stage's minimum, or a balancer cannot be asked; \
                what is wrong while enough members serve is told, and ends with 0.
                """)

        @Argument(help: "Only this stage.") var stage: String?
        @OptionGroup var service: ServiceOptions
        @OptionGroup var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let names = try stage.map { [try file.stage($0).name] } ?? file.stages.map(\.name)
            var sessions: [StageSession] = []
            for name in names {
                sessions.append(try await StageSession(file, stage: name, connection, format.format, seams))
            }
            let answers = try await Self.ask(sessions, seams.terminal)
            switch format.format {
            case .json: seams.terminal.write(json: try EncodedJSON.pretty(answers))
            case .table:
                let report = StatusReport(seams.terminal)
                for (index, answer) in answers.enumerated() { report.show(answer, isFirst: index == 0) }
            }
            return answers.contains(where: \.isAlarming) ? .failed : .done
        }

        /// Asks all stages at once; the answers come worst first.
        private static func ask(_ sessions: [StageSession], _ terminal: Terminal) async throws -> [StageAnswer] {
            let progress = AskingProgress(terminal)
            let answers = try await withThrowingTaskGroup(of: (Int, StageAnswer).self) { group in
                for (place, session) in sessions.enumerated() {
                    group.addTask {
                        let answer = try await StageReading(session, progress).answer()
                        await session.site.close()
                        return (place, answer)
                    }
                }
                var answers: [(Int, StageAnswer)] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            return answers.sorted { ($1.1.state, $0.0) < ($0.1.state, $1.0) }.map(\.1)
        }
    }
}
