import ArgumentParser
import Fleet
import Rollouts

/// When colours are used.
enum ColourChoice: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// On terminals that know colours, unless `NO_COLOR` is set.
    case auto
    case always
    case never
}

/// How much a command says, and where.
struct TalkOptions: ParsableArguments {
    @Flag(
        name: .shortAndLong,
        help: "Say how hosts are connected to; -vv: and what each is asked to do; -vvv: and what comes back.")
    var verbose: Int

    @Flag(name: .shortAndLong, help: "Say only what went wrong; answers are written all the same.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "Add everything that is said, and what -vvv says, to this file ($DROVER_LOG_FILE).", valueName: "file"),
        completion: .file())
    var logFile: String?

    @Option(help: ArgumentHelp("When colours are used: auto, always or never.", valueName: "when"))
    var color = ColourChoice.auto

    func validate() throws {
        if quiet, verbose > 0 { throw ValidationError("--quiet and --verbose exclude each other") }
    }

    /// `terminal` as these options want it.
    /// - Throws: ``InputError`` for a log file that can't be written.
    func applied(to terminal: Terminal, in environment: [String: String]) throws(InputError) -> Terminal {
        var terminal = coloured(terminal)
        terminal.verbosity = quiet ? .quiet : Verbosity(rawValue: min(verbose, Verbosity.streams.rawValue)) ?? .usual
        if let file = logFile ?? environment["DROVER_LOG_FILE"].flatMap({ $0.isEmpty ? nil : $0 }) {
            terminal.log = try LogFile(file, now: Controller.this.now)
        }
        return terminal
    }

    /// `terminal` with the colours that are wanted.
    func coloured(_ terminal: Terminal) -> Terminal {
        guard color != .auto else { return terminal }
        var terminal = terminal
        terminal.hasColour = color == .always
        terminal.output.hasColour = color == .always
        return terminal
    }
}
