import Fleet
import OrderedCollections
import Values

/// Runs a local script on the host.
struct ScriptModule: TaskModule {
    /// Parameters of `script`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification(
            "script",
            parameters: [
                .init("cmd"), .init("chdir", .path), .init("creates", .path), .init("removes", .path),
                .init("executable"),
            ], freeForm: true)
        specification.oneOf = [["free_form", "cmd"]]
        specification.exclusive = [["free_form", "cmd"]]
        return specification
    }()

    private let run: CommandRun

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let line = try (arguments.freeForm ?? arguments.required("cmd")).stripped
        let words: [String]
        do {
            words = try ShellWords.split(line)
        } catch {
            throw error.located(at: arguments.location)
        }
        guard let name = words.first else { throw InputError("no script given", at: arguments.location) }
        let content = try context.read(context.find("files", name))
        // The rest of the line is the shell's to split, as in Ansible.
        let rest =
            line.hasPrefix(name) ? String(line.dropFirst(name.count)) : " " + shellWords(Array(words.dropFirst()))
        let program = try arguments.string("executable").map { "\($0) " } ?? ""
        let lines = [
            "w=$(mktemp -d) || exit", #"trap 'rm -rf -- "$w"' EXIT"#, "s=\"$w\"/\(name.lastPathPart.quoted)",
            #"head -c \#(content.count) >"$s" && chmod 0700 "$s" || exit"#, "\(program)\"$s\"\(rest)",
        ]
        run = try CommandRun(
            arguments, context, lines: lines, telling: .bare(inCheckMode: "Check mode is not supported for this task."),
            input: content)
    }

    func probes(given snapshot: Snapshot) -> [Probe] { run.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { run.step(snapshot) }
}

/// Runs a line just as it is.
struct RawModule: TaskModule {
    /// Parameters of `raw`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification("raw", parameters: [.init("executable")], freeForm: true)
        specification.oneOf = [["free_form"]]
        return specification
    }()

    private let run: CommandRun

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let line = arguments.freeForm ?? ""
        let shell = try arguments.string("executable")
        let lines = shell.map { ["exec \($0.quoted) -c \(line.quoted)"] } ?? [line]
        run = try CommandRun(arguments, context, lines: lines, telling: .bare(inCheckMode: nil))
    }

    func probes(given snapshot: Snapshot) -> [Probe] { run.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { run.step(snapshot) }
}
