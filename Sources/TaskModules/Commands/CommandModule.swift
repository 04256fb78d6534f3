import Fleet
import OrderedCollections
import Values

/// Runs a program without a shell.
struct CommandModule: TaskModule {
    static let parameters: [ModuleSpecification.Parameter] = [
        .init("cmd"), .init("argv", .list), .init("chdir", .path), .init("creates", .path), .init("removes", .path),
        .init("stdin"), .init("stdin_add_newline", .bool), .init("strip_empty_ends", .bool), .init("executable"),
        .init("expand_argument_vars", .bool),
    ]

    /// Parameters of `command`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification("command", parameters: parameters, freeForm: true)
        specification.oneOf = [["free_form", "cmd", "argv"]]
        specification.exclusive = [["free_form", "cmd", "argv"]]
        return specification
    }()

    private let run: CommandRun

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let words: [String]
        if let list = try arguments.list("argv") {
            words = list.map { $0.plainText ?? "" }
        } else {
            do {
                words = try ShellWords.split(arguments.freeForm ?? arguments.required("cmd"))
            } catch let error as InputError {
                throw error.located(at: arguments.location)
            }
        }
        guard let program = words.first, !program.isEmpty else {
            throw InputError("no command given", at: arguments.location)
        }
        let expands = try arguments.bool("expand_argument_vars", default: true)
        let shown = words.map { expands ? ShellLine.expandingVariables($0) : $0.quoted }
        run = try CommandRun(
            arguments, context, lines: ["exec \(shown.joined(separator: " "))"],
            telling: .timed(
                command: .list(words.map(Value.string)), strips: arguments.bool("strip_empty_ends", default: true)),
            words: words, program: shown.first)
    }

    func probes(given snapshot: Snapshot) -> [Probe] { run.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { run.step(snapshot) }
}

/// Runs a line in a shell.
struct ShellModule: TaskModule {
    /// Parameters of `shell`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "shell",
            parameters: CommandModule.parameters.filter { !["argv", "expand_argument_vars"].contains($0.name) },
            freeForm: true)
        specification.oneOf = [["free_form", "cmd"]]
        specification.exclusive = [["free_form", "cmd"]]
        return specification
    }()

    private let run: CommandRun

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let line = try arguments.freeForm ?? arguments.required("cmd")
        let shell = try arguments.string("executable") ?? "/bin/sh"
        run = try CommandRun(
            arguments, context, lines: ["exec \(shell.quoted) -c \(line.quoted)"],
            telling: .timed(command: .string(line), strips: arguments.bool("strip_empty_ends", default: true)))
    }

    func probes(given snapshot: Snapshot) -> [Probe] { run.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { run.step(snapshot) }
}
