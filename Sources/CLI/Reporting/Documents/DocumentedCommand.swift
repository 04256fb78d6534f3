import ArgumentParser
import Rollouts

/// How a command writes JSON.
enum DocumentForm: String, Sendable {
    /// One object.
    case object = "an object"
    /// A list of objects.
    case list = "a list"
    /// An object a line, as things happen.
    case lines = "lines"
}

/// What a command writes, and how.
typealias WrittenDocuments = [(form: DocumentForm, schema: DocumentSchema)]

/// A command with `--format json`.
protocol DocumentedCommand: ParsableCommand {
    /// What it writes then, beside the error that ends a command which fails.
    static var documents: WrittenDocuments { get }
}

extension Drover.Status: DocumentedCommand {
    static var documents: WrittenDocuments { [(.list, StageAnswer.schema)] }
}

extension Drover.History: DocumentedCommand {
    static var documents: WrittenDocuments {
        [
            (.list, RunAnswer.schema), (.lines, RolloutReporter.Line.schema), (.object, Provisioning.schema),
            (.lines, LeaseOverride.schema), (.lines, HandEntry.schema),
        ]
    }
}

extension Drover.Check: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, CheckAnswer.schema)] }
}

extension Drover.Plan: DocumentedCommand {
    static var documents: WrittenDocuments {
        [(.lines, PlaybookSchema.schema), (.lines, FleetAnswer.schema)]
    }
}

extension Drover.Apply: DocumentedCommand {
    static var documents: WrittenDocuments {
        [
            (.lines, PlaybookSchema.schema), (.lines, FleetAnswer.schema), (.lines, RolloutReporter.Line.schema),
            (.lines, UploadAnswer.schema),
        ]
    }
}

extension Drover.PoolCommand.Status: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, PoolAnswer.schema)] }
}

extension Drover.PoolCommand.Verify: DocumentedCommand {
    static var documents: WrittenDocuments { [(.object, PoolAnswer.schema)] }
}

extension Drover.Logs: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, LogReporter.Line.schema)] }
}

extension Drover.RestartUnits: DocumentedCommand {
    static var documents: WrittenDocuments { unitDocuments }
}

extension Drover.StopUnits: DocumentedCommand {
    static var documents: WrittenDocuments { unitDocuments }
}

extension Drover.StartUnits: DocumentedCommand {
    static var documents: WrittenDocuments { unitDocuments }
}

extension DocumentedCommand {
    fileprivate static var unitDocuments: WrittenDocuments {
        rolloutDocuments + [(.lines, UnitAnswer.schema)]
    }

    fileprivate static var rolloutDocuments: WrittenDocuments {
        [(.lines, RolloutReporter.Line.schema), (.lines, FleetAnswer.schema), (.lines, UploadAnswer.schema)]
    }
}

extension Drover.RolloutCommand.Start: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments + [(.lines, ForecastAnswer.schema)] }
}

extension Drover.RolloutCommand.Status: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, RolloutAnswer.schema)] }
}

extension Drover.RolloutCommand.Pause: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments }
}

extension Drover.RolloutCommand.Abort: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments }
}

extension Drover.RolloutCommand.Approve: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments }
}

extension Drover.RolloutCommand.Resume: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments }
}

extension Drover.Promote: DocumentedCommand {
    static var documents: WrittenDocuments { rolloutDocuments + [(.lines, ForecastAnswer.schema)] }
}

extension Drover.Rollback: DocumentedCommand {
    static var documents: WrittenDocuments {
        rolloutDocuments + [(.lines, NothingToGoBack.schema), (.lines, ForecastAnswer.schema)]
    }
}
