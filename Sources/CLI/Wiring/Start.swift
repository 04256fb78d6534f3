import ArgumentParser
import Fleet
import Foundation

/// How the program ends.
enum ExitStatus: Int32, CaseIterable, Sendable {
    case done = 0
    case failed = 1
    /// `plan` found changes, or `diagnose` a shortage, with `--detailed-exitcode`.
    case changesFound = 2
    case rolledBack = 3
    case rollbackFailed = 4
    case leaseHeld = 5
    /// A rollout is paused, or waits for approval.
    case waiting = 6
    case usage = 64

    /// What that means, for people.
    var meaning: String {
        switch self {
        case .done: "done, nothing to do included"
        case .failed: "failed: nothing was changed, it was stopped, or a host was left alone or left out"
        case .changesFound:
            "`plan --detailed-exitcode`, or `apply --check --detailed-exitcode`, found changes; `diagnose --detailed-exitcode` "
                + "found a tier that is short of something"
        case .rolledBack: "the rollout failed, and every host that it changed is back"
        case .rollbackFailed: "going back failed on some host, which is out of the pool and named"
        case .leaseHeld: "another controller is changing the stage, or took it over"
        case .waiting: "a rollout is paused or waits for approval; the stage stays reserved for it"
        case .usage: "the command line or a file is wrong; nothing was touched"
        }
    }
}

/// An error that knows how the program should end.
protocol ExitingError: Error {
    var exitStatus: ExitStatus { get }
}

extension Drover {
    /// Parses `arguments`, runs the command and gives the exit status. Errors are told on standard error, and with
    /// `--format json` as the last object on standard output.
    public static func start(_ arguments: [String]) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        var ending = Ending(
            terminal: .standard, wantsJSON: FormatOptions.isJSON(in: arguments),
            completingShell: CompletionScript.shell(in: arguments))
        do {
            try CommandNames.check(arguments)
            var command = try await asyncParseAsRoot(WithoutOptions.joined(arguments))
            if let fleet = command as? any FleetCommand { ending.terminal = try fleet.terminal() }
            if let changing = command as? any StageChanging {
                ending.terminal = changing.terminal(ending.terminal, in: ProcessInfo.processInfo.environment)
            }
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let status as ExitCode {
                return ending.end(with: status, tellsEvents: command is any EventReporting)
            }
            return ExitStatus.done.rawValue
        } catch {
            return ending.end(with: error)
        }
    }
}

/// A command whose JSON is a line an event, so that a failure can follow what was told before.
protocol EventReporting {}

extension Drover.Plan: EventReporting {}
extension Drover.Apply: EventReporting {}
extension Drover.RolloutCommand.Start: EventReporting {}
extension Drover.RolloutCommand.Resume: EventReporting {}
extension Drover.Promote: EventReporting {}
extension Drover.Rollback: EventReporting {}
extension Drover.RestartUnits: EventReporting {}
extension Drover.StopUnits: EventReporting {}
extension Drover.StartUnits: EventReporting {}

/// Tells how the program ends.
private struct Ending {
    var terminal: Terminal
    let wantsJSON: Bool
    /// The shell that a completion script is for.
    let completingShell: String?

    /// A command told what went wrong itself.
    func end(with code: ExitCode, tellsEvents: Bool) -> Int32 {
        let status = ExitStatus(rawValue: code.rawValue)
        guard wantsJSON, tellsEvents, !code.isSuccess, status != .changesFound else { return code.rawValue }
        var record = terminal.lastError ?? ErrorRecord(Self.error(status))
        record.exit = code.rawValue
        write(record)
        return code.rawValue
    }

    private static func error(_ status: ExitStatus?) -> ErrorReport {
        switch status {
        case .rolledBack: ErrorReport(.rolledBack, "the rollout failed and went back")
        case .rollbackFailed: ErrorReport(.rollbackFailed, "going back failed on some host")
        case .waiting: ErrorReport(.waiting, "the rollout waits for somebody: see the events before")
        default: ErrorReport(.failed, "it failed on some host, or was stopped: see the events before")
        }
    }

    func end(with error: any Error) -> Int32 {
        if let explained = error as? any ExplainedError {
            terminal.show(explained)
            return write(ErrorRecord(explained), Self.status(of: explained))
        }
        if error is CancellationError {
            terminal.tell(error: "interrupted")
            return write(ErrorRecord(error), .failed)
        }
        return endUsage(error)
    }

    /// What ArgumentParser has to say: help, or a wrong argument.
    private func endUsage(_ error: any Error) -> Int32 {
        let code = Drover.exitCode(for: error)
        let text = Drover.fullMessage(for: error)
        if code.isSuccess {
            let said = completingShell.map { CompletionScript.completed(text, for: $0) } ?? HelpText.arranged(text)
            terminal.write(TerminalText(lines: said))
            return ExitStatus.done.rawValue
        }
        let said = Drover.message(for: error)
        let message = said.prefix(1).lowercased() + said.dropFirst()
        terminal.tell(error: message)
        let usage = usage(in: text, after: said)
        if !usage.isEmpty { terminal.tell(TerminalText(lines: usage)) }
        let isUsage = code == .validationFailure
        let help = usage.split(separator: "\n").last { $0.contains("--help") }.map { String($0.drop { $0 == " " }) }
        return write(
            ErrorRecord(ErrorReport(isUsage ? .usage : .internal, message, hints: help.map { [$0] } ?? [])),
            isUsage ? .usage : .failed)
    }

    /// What ArgumentParser says after its message.
    private func usage(in text: String, after message: String) -> String {
        guard let found = text.range(of: message) else { return "" }
        return String(text[found.upperBound...].drop(while: \.isNewline))
    }

    private func write(_ record: ErrorRecord, _ status: ExitStatus) -> Int32 {
        var record = record
        record.exit = status.rawValue
        if wantsJSON { write(record) }
        return status.rawValue
    }

    private func write(_ record: ErrorRecord) {
        // Texts and numbers always encode.
        if let line = try? EncodedJSON.line(record) { terminal.write(json: line) }
    }

    private static func status(of error: any ExplainedError) -> ExitStatus {
        if let exiting = error as? any ExitingError { return exiting.exitStatus }
        return error is InputError ? .usage : .failed
    }
}

/// How commands end that told what went wrong already, or could not begin.
extension ErrorReport.Code {
    fileprivate static let rolledBack = Self(rawValue: "rolledBack")
    fileprivate static let rollbackFailed = Self(rawValue: "rollbackFailed")
    fileprivate static let waiting = Self(rawValue: "waiting")
    fileprivate static let usage = Self(rawValue: "usage")
}
