import ArgumentParser
import Fleet
import Foundation
import Journaling
import Rollouts

extension Drover {
    /// `drover history [STAGE]`
    struct History: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "What was done, newest first; or one run's events.")

        @Argument(help: "Only this stage.") var stage: String?
        @Option(help: "How many runs.") var limit = 20
        @Option(help: "The events of this run.") var run: Int64?
        @OptionGroup var service: ServiceOptions
        @OptionGroup var format: FormatOptions

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit must be at least 1") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            if let stage { _ = try file.stage(stage) }
            let journal = try SQLiteJournal(path: file.stateFolder(seams) + "/journal.sqlite")
            if let run { return try await showEvents(of: RunID(run), journal, seams) }
            let runs = try await journal.runs(stage: stage, limit: limit)
            var table = Table("RUN", "STAGE", "KIND", "BUILD", "BEGUN", "TOOK", "OUTCOME", "BY")
            for run in runs {
                let took = run.endedAt.map { RolloutTeller.seconds($0 - run.startedAt) } ?? "-"
                table.add(
                    run.id.description, run.stage, run.kind.description, run.build.map { String($0.prefix(12)) } ?? "-",
                    run.startedAt.description, took, run.outcome?.description ?? "unfinished", run.holder)
            }
            try seams.terminal.show(table, or: runs.map(RunAnswer.init), as: format.format)
            return .done
        }

        private func showRelease(
            _ run: RunRecord, _ journal: SQLiteJournal, _ seams: Seams
        ) async throws -> ExitStatus {
            for entry in try await journal.entries(of: run.id) {
                let note = try JSONDecoder().decode(LeaseRelease.self, from: Data(entry.payload.utf8))
                switch format.format {
                case .json: seams.terminal.write(json: try EncodedJSON.line(note))
                case .table: seams.terminal.write("\(entry.at)  lease of \(note.holder) released: \(note.reason)")
                }
            }
            return .done
        }

        private func showEvents(of run: RunID, _ journal: SQLiteJournal, _ seams: Seams) async throws -> ExitStatus {
            guard let record = try await journal.run(run) else { throw JournalError.unknownRun(run) }
            if record.kind == .lockRelease { return try await showRelease(record, journal, seams) }
            let ledger = RolloutLedger(journal: journal, holder: Controller.name, now: Controller.now)
            let entries = try await ledger.entries(of: run)
            for entry in entries {
                switch format.format {
                case .json: seams.terminal.write(json: try EncodedJSON.line(RolloutTeller.Line(run: run, entry: entry)))
                case .table:
                    let text = RolloutWords.text(entry.event, took: nil) ?? RolloutWords.intent(entry.event)
                    guard let text else { continue }
                    let indent = String(repeating: " ", count: 8)
                    seams.terminal.write(
                        TerminalText(lines: "\(entry.sequence)  \(entry.at)  \(text)", indent: indent))
                }
            }
            return .done
        }
    }
}

/// A run as programs read it.
struct RunAnswer: Encodable {
    let run: RunID
    let stage: String
    let kind: String
    let build: String?
    let holder: String
    let startedAt: String
    let endedAt: String?
    let outcome: String?

    init(_ record: RunRecord) {
        run = record.id
        stage = record.stage
        kind = record.kind.description
        build = record.build
        holder = record.holder
        startedAt = record.startedAt.description
        endedAt = record.endedAt?.description
        outcome = record.outcome?.description
    }
}
