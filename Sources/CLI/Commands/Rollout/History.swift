import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover history [STAGE]`
    struct History: ListingCommand {
        static let configuration = CommandConfiguration(
            abstract: "What was done, newest first; or one run's events."
        )
        .examples("drover history production", "drover history --run 12")

        @Argument(help: "Only this stage.", completion: .stages) var stage: String?
        @Option(
            help: ArgumentHelp(
                "How many runs (default: \(HistoryReport.usual); on a terminal, as many of them as fit)."))
        var limit: Int?
        @Option(help: "The events of this run.", completion: .runs) var run: Int64?
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: ListFormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func validate() throws {
            if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
        }

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            if let stage { _ = try file.stage(stage) }
            let journal: any RunJournal = try StateChoice(file, seams).journal()
            if let run { return try await showEvents(of: RunID(run), journal, seams) }
            if try await journal.runs(stage: stage, limit: 1).isEmpty { try await learn(file, seams) }
            let runs = try await journal.runs(stage: stage, limit: limit ?? HistoryReport.usual)
            let ledger = ledger(journal)
            let names = try await Self.names(journal)
            var told: [(run: RunRecord, reason: String?)] = []
            for run in runs { told.append((run, try await ledger.reason(of: run))) }
            switch format.format {
            case .json:
                let answers = told.map { RunAnswer($0.run, reason: $0.reason, names: names) }
                seams.terminal.write(json: try EncodedJSON.pretty(answers))
            case .table:
                let report = HistoryReport(
                    terminal: seams.terminal, now: Controller.this.now(), hasStages: stage == nil, names: names)
                report.show(told, isWhole: limit != nil)
            }
            return .done
        }

        private static func names(_ journal: any RunJournal) async throws -> [BuildDigest: String] {
            let builds = try await journal.builds(prefix: "")
            return Dictionary(builds.map { ($0.digest, $0.name) }) { first, _ in first }
        }

        private func ledger(_ journal: any RunJournal) -> RolloutLedger {
            RolloutLedger(journal: journal, holder: Controller.this.name, now: Controller.this.now)
        }

        /// A journal that knows nothing learns what hosts hold: that something was done, and not each event of it.
        private func learn(_ file: ServiceFile, _ seams: Seams) async throws {
            seams.terminal.say("no run is journaled here: this is what hosts tell")
            for stage in try stage.map({ [try file.stage($0)] }) ?? file.stages {
                _ = try await StageWork(file, stage: stage.name, connection, format.format, seams).learned()
            }
        }

        private func showOverride(
            _ run: RunRecord, _ journal: any RunJournal, _ seams: Seams
        ) async throws -> ExitStatus {
            for entry in try await journal.entries(of: run.id) {
                let note = try LeaseOverride(entry)
                switch format.format {
                case .json: seams.terminal.write(json: try EncodedJSON.line(note))
                case .table:
                    let what = run.kind == .lockForced ? "held by force" : "released"
                    seams.terminal.write("\(entry.at)  lease of \(note.holder) \(what): \(note.reason)")
                }
            }
            return .done
        }

        private func showByHand(_ run: RunRecord, _ journal: any RunJournal, _ seams: Seams) async throws -> ExitStatus
        {
            for line in try await journal.entries(of: run.id) {
                let entry = try HandEntry(line)
                switch format.format {
                case .json: seams.terminal.write(json: try EncodedJSON.line(entry))
                case .table: seams.terminal.write("\(line.at)  \(entry.words)")
                }
            }
            return .done
        }

        private func showProvisioning(
            _ run: RunRecord, _ journal: any RunJournal, _ seams: Seams
        ) async throws -> ExitStatus {
            for entry in try await journal.entries(of: run.id) {
                let did = try Provisioning(entry)
                var table = Table("HOST", "OK", "CHANGED", "FAILED", "UNREACHABLE")
                for host in did.hosts {
                    table.add(
                        host.host.description, "\(host.ok)", "\(host.changed)", "\(host.failed)", "\(host.unreachable)")
                }
                if format.format == .table {
                    seams.terminal.write("\(entry.at)  \(did.playbooks.joined(separator: ", "))")
                }
                try seams.terminal.show(table, or: did, as: format.format)
            }
            return .done
        }

        private func showEvents(of run: RunID, _ journal: any RunJournal, _ seams: Seams) async throws -> ExitStatus {
            guard let record = try await journal.run(run) else { throw JournalError.unknownRun(run) }
            let ledger = ledger(journal)
            let report = RunReport(
                terminal: seams.terminal, now: Controller.this.now(), names: try await Self.names(journal))
            if format.format == .table { report.showHead(record, reason: try await ledger.reason(of: record)) }
            if record.kind.isOfLease { return try await showOverride(record, journal, seams) }
            if record.kind.isByHand { return try await showByHand(record, journal, seams) }
            if record.kind == .provisioning { return try await showProvisioning(record, journal, seams) }
            let entries = try await ledger.entries(of: run)
            switch format.format {
            case .json:
                for entry in entries {
                    seams.terminal.write(json: try EncodedJSON.line(RolloutReporter.Line(run: run, entry: entry)))
                }
            case .table:
                report.show(entries)
                if entries.isEmpty { seams.terminal.say("no event of it is journaled here: it was done elsewhere") }
            }
            return .done
        }
    }
}
