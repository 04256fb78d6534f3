import Fleet
import OrderedCollections
import Values

/// What `command`, `shell`, `script` and `raw` have in common.
struct CommandRun: Sendable {
    /// What results tell besides what the command wrote.
    enum ResultForm: Sendable {
        /// The command as given, and when it ran; line ends behind what it wrote are cut off where `strips` says so.
        case timed(command: Value, strips: Bool)
        /// Nothing, but why check mode leaves it out.
        case bare(inCheckMode: String?)
    }

    private let lines: [String]
    private let telling: ResultForm
    /// The words of a program that is run without a shell, for the message that it is not there.
    private let words: [String]
    private let program: String?
    private let folder: HostPath?
    private let creates: HostPath?
    private let removes: HostPath?
    private var input: [UInt8]
    private let isCheck: Bool

    /// Reads the shared parameters.
    /// - Parameters:
    ///   - lines: What the shell runs.
    ///   - telling: What results tell.
    ///   - words: The words of a program that is run without a shell.
    ///   - program: The first of them as the shell reads it.
    ///   - input: What it reads, instead of the parameter `stdin`.
    init(
        _ arguments: ModuleArguments, _ context: ModuleContext, lines: [String], telling: ResultForm,
        words: [String] = [],
        program: String? = nil, input: [UInt8]? = nil
    ) throws(InputError) {
        self.lines = lines
        self.telling = telling
        self.words = words
        self.program = program
        folder = try arguments.path("chdir").map(HostPath.init)
        creates = try arguments.path("creates").map(HostPath.init)
        removes = try arguments.path("removes").map(HostPath.init)
        let text = try arguments.string("stdin")
        let addsNewline = try arguments.bool("stdin_add_newline", default: true)
        self.input = input ?? text.map { Array(($0 + (addsNewline ? "\n" : "")).utf8) } ?? []
        isCheck = context.isCheck
    }

    func probes(given snapshot: Snapshot) -> [Probe] {
        var probes = folder?.probes() ?? []
        for path in [creates, removes].compactMap({ $0 }) {
            guard let place = place(path, snapshot) else {
                probes += path.probes()
                continue
            }
            probes.append(Self.existence(place))
        }
        return probes
    }

    private func place(_ path: HostPath, _ snapshot: Snapshot) -> String? {
        guard let path = path.resolved(snapshot) else { return nil }
        guard let folder, !path.hasPrefix("/") else { return path }
        return folder.resolved(snapshot)?.appendingPath(path)
    }

    private static func isPattern(_ path: String) -> Bool { path.contains { "*?[".contains($0) } }

    private static func existence(_ path: String) -> Probe { isPattern(path) ? .query(search(path)) : .path(path) }

    /// The shell itself expands the pattern: everything but the pattern's own characters is quoted.
    private static func search(_ pattern: String) -> String {
        var words = ""
        var plain = ""
        for character in pattern {
            guard "*?[]".contains(character) else {
                plain.append(character)
                continue
            }
            words += (plain.isEmpty ? "" : plain.quoted) + String(character)
            plain = ""
        }
        words += plain.isEmpty ? "" : plain.quoted
        return "set -- \(words); [ -e \"$1\" ] || [ -L \"$1\" ]"
    }

    private func exists(_ path: String, _ snapshot: Snapshot) -> Bool {
        Self.isPattern(path) ? snapshot.output(Self.search(path))?.status == 0 : snapshot.path(path) != nil
    }

    func step(_ snapshot: Snapshot) -> Step {
        if let creates, let path = place(creates, snapshot), exists(path, snapshot) {
            return notRun("'\(creates.written)' exists", "\(creates.written) exists", "creates")
        }
        if let removes, let path = place(removes, snapshot), !exists(path, snapshot) {
            return notRun("'\(removes.written)' does not exist", "\(removes.written) does not exist", "removes")
        }
        return .change(change(snapshot))
    }

    /// A run that is not needed.
    private func notRun(_ reason: String, _ plainReason: String, _ parameter: String) -> Step {
        guard case .timed(let command, _) = telling else {
            return .skipped(TaskResult(skipped: true, message: "\(plainReason), matching \(parameter) option"))
        }
        let message = "\(isCheck ? "Would" : "Did") not run command since \(reason)"
        let written = Self.written(status: 0, output: "skipped, since \(plainReason)", errors: "")
        return .converged(TaskResult(message: message, fields: written.merging(Self.untimed(command)) { $1 }))
    }

    private func change(_ snapshot: Snapshot) -> Change {
        let mayPredict = creates != nil || removes != nil
        let predicted = predicted(changed: mayPredict || !isCheck, skipped: isCheck && !mayPredict)
        // `exec` would end a shell that runs several scripts, so it gets one of its own.
        var change = Change(
            script: "(\n" + (preparation(snapshot) + lines).joined(separator: "\n") + "\n)\n", predicted: predicted,
            touches: .everything)
        change.input = input
        change.isSkippedInCheckMode = !mayPredict
        let (telling, words) = (telling, words)
        change.interpret = { CommandReport($0).result(telling, words) }
        return change
    }

    private func predicted(changed: Bool, skipped: Bool) -> TaskResult {
        switch telling {
        case .bare(let reason):
            // What is left out without a reason says that it did not fail.
            let fields: Variables = skipped && reason == nil ? ["failed": .bool(false)] : [:]
            return TaskResult(changed: changed, skipped: skipped, message: skipped ? reason : nil, fields: fields)
        case .timed(let command, _):
            let written = Self.written(status: 0, output: "", errors: "")
            return TaskResult(
                changed: changed, skipped: skipped, message: "Command would have run if not in check mode",
                fields: written.merging(Self.untimed(command)) { $1 })
        }
    }

    /// Enters the folder, and writes the line that ``CommandReport`` reads.
    private func preparation(_ snapshot: Snapshot) -> [String] {
        let place = folder.map { ($0.resolved(snapshot) ?? $0.written).quoted }
        guard case .timed = telling else {
            let complaint = "echo 'Unable to change directory before execution.' >&2; exit 1"
            return place.map { ["cd -- \($0) || { \(complaint); }"] } ?? []
        }
        let enter = place.map { ["cd -- \($0) 2>/dev/null || { echo \(CommandReport.noFolder); exit 1; }"] } ?? []
        return enter + (program.map(CommandReport.search) ?? []) + [CommandReport.clock]
    }

    /// What a command wrote.
    static func written(status: Int, output: String, errors: String) -> Variables {
        [
            "rc": .int(status), "stdout": .string(output), "stderr": .string(errors),
            "stdout_lines": .list(output.pythonLines.map(Value.string)),
            "stderr_lines": .list(errors.pythonLines.map(Value.string)),
        ]
    }

    /// A command that did not run.
    static func untimed(_ command: Value) -> Variables {
        ["cmd": command, "start": .null, "end": .null, "delta": .null]
    }
}

extension String {
    /// Without carriage returns and newlines at the end.
    var trimmingLineEnds: String {
        var scalars = unicodeScalars
        while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
        return String(scalars)
    }

    /// Lines as Python's `splitlines` cuts them.
    var pythonLines: [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var afterReturn = false
        for scalar in unicodeScalars {
            let isEnd = [
                "\n", "\r", "\u{0B}", "\u{0C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}",
            ].contains(scalar)
            if scalar == "\n", afterReturn {
                afterReturn = false
                continue
            }
            afterReturn = scalar == "\r"
            if isEnd {
                lines.append(String(line))
                line = String.UnicodeScalarView()
            } else {
                line.append(scalar)
            }
        }
        return line.isEmpty ? lines : lines + [String(line)]
    }
}

extension Duration {
    /// As Python prints a time difference: `0:00:01.234567`.
    var pythonText: String {
        let (seconds, attoseconds) = components
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let micro = padded(attoseconds / 1_000_000_000_000, 6)
        return "\(seconds / 3600):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2)).\(micro)"
    }
}
