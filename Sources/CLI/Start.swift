import ArgumentParser
import Fleet
import Foundation

/// How the program ends, as the design's section 11 lists it.
enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// `plan` found changes, with `--detailed-exitcode`.
    case changesFound = 2
    case rolledBack = 3
    case rollbackFailed = 4
    case leaseHeld = 5
    case usage = 64
}

/// An error that knows how the program should end.
protocol ExitingError: Error {
    var exitStatus: ExitStatus { get }
}

extension Drover {
    /// Parses `arguments`, runs the command and gives the exit status. Errors are told on standard error.
    public static func start(_ arguments: [String]) async -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(WithoutOptions.joined(arguments))
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return ExitStatus.done.rawValue
        } catch let status as ExitCode {
            return status.rawValue
        } catch {
            return tell(error)
        }
    }

    private static func tell(_ error: any Error) -> Int32 {
        let terminal = Terminal.standard
        if let explained = error as? any ExplainedError {
            terminal.show(explained)
            return status(of: explained).rawValue
        }
        if error is CancellationError {
            terminal.say("error: interrupted")
            return ExitStatus.failed.rawValue
        }
        return tellUsage(error, terminal)
    }

    private static func tellUsage(_ error: any Error, _ terminal: Terminal) -> Int32 {
        let code = exitCode(for: error)
        let text = fullMessage(for: error)
        if code.isSuccess {
            terminal.write(text)
            return ExitStatus.done.rawValue
        }
        terminal.say(usageText(text))
        return code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.failed.rawValue
    }

    /// ArgumentParser's message with our prefixes.
    private static func usageText(_ text: String) -> String {
        guard text.hasPrefix("Error: ") else { return text }
        let body = text.dropFirst("Error: ".count)
        return "error: " + body.prefix(1).lowercased() + body.dropFirst()
    }

    private static func status(of error: any ExplainedError) -> ExitStatus {
        if let exiting = error as? any ExitingError { return exiting.exitStatus }
        return error is InputError ? .usage : .failed
    }
}
