import Fleet
import OrderedCollections

/// What `command`, `shell`, `script` and `raw` have in common.
struct CommandRun: Sendable {
    private let lines: [String]
    private let shown: Value
    private let folder: HostPath?
    private let creates: HostPath?
    private let removes: HostPath?
    private var input: [UInt8]
    private let strips: Bool
    private let isCheck: Bool
    /// Whether a run that is not needed counts as skipped.
    private let skips: Bool

    /// Reads the shared parameters.
    /// - Parameters:
    ///   - lines: What the shell runs.
    ///   - shown: The command as results show it.
    ///   - input: What it reads, instead of the parameter `stdin`.
    ///   - skips: Whether a run that is not needed counts as skipped.
    init(
        _ arguments: ModuleArguments, _ context: ModuleContext, lines: [String], shown: Value, input: [UInt8]? = nil,
        skips: Bool = false
    ) throws(InputError) {
        self.skips = skips
        self.lines = lines
        self.shown = shown
        folder = try arguments.path("chdir").map(HostPath.init)
        creates = try arguments.path("creates").map(HostPath.init)
        removes = try arguments.path("removes").map(HostPath.init)
        let text = try arguments.string("stdin")
        let addsNewline = try arguments.bool("stdin_add_newline", default: true)
        self.input = input ?? text.map { Array(($0 + (addsNewline ? "\n" : "")).utf8) } ?? []
        strips = try arguments.bool("strip_empty_ends", default: true)
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
        let verb = isCheck ? "Would" : "Did"
        if let creates, let path = place(creates, snapshot), exists(path, snapshot) {
            return notRun(
                "\(verb) not run command since '\(creates.written)' exists", "skipped, since \(creates.written) exists")
        }
        if let removes, let path = place(removes, snapshot), !exists(path, snapshot) {
            return notRun(
                "\(verb) not run command since '\(removes.written)' does not exist",
                "skipped, since \(removes.written) does not exist")
        }
        return .change(change(snapshot))
    }

    private func notRun(_ message: String, _ output: String) -> Step {
        if skips { return .skipped(TaskResult(skipped: true, message: output)) }
        return .converged(
            TaskResult(message: message, fields: Self.fields(shown, status: 0, output: output, errors: "")))
    }

    private func change(_ snapshot: Snapshot) -> Change {
        let enter = folder.map { folder in
            let path = (folder.resolved(snapshot) ?? folder.written).quoted
            return "cd -- \(path) || { echo 'Unable to change directory before execution.' >&2; exit 1; }"
        }
        let mayPredict = creates != nil || removes != nil
        let predicted = TaskResult(
            changed: mayPredict || !isCheck, skipped: isCheck && !mayPredict,
            message: "Command would have run if not in check mode",
            fields: Self.fields(shown, status: 0, output: "", errors: ""))
        // `exec` would end a shell that runs several scripts, so it gets one of its own.
        var change = Change(
            script: "(\n" + ([enter].compactMap { $0 } + lines).joined(separator: "\n") + "\n)\n", predicted: predicted,
            touches: .everything)
        change.input = input
        change.isSkippedInCheckMode = !mayPredict
        let (shown, strips) = (shown, strips)
        change.interpret = { Self.result(of: $0, shown, strips: strips) }
        return change
    }

    private static func result(of answer: CommandResult, _ shown: Value, strips: Bool) -> TaskResult {
        var (output, errors) = (answer.text, answer.errorText)
        if strips { (output, errors) = (output.trimmingLineEnds, errors.trimmingLineEnds) }
        var fields = fields(shown, status: Int(answer.status), output: output, errors: errors)
        fields["delta"] = .string(answer.elapsed.pythonText)
        return TaskResult(
            changed: true, failed: !answer.succeeded, message: answer.succeeded ? "" : "non-zero return code",
            fields: fields)
    }

    private static func fields(_ shown: Value, status: Int, output: String, errors: String) -> Variables {
        [
            "cmd": shown, "rc": .int(status), "stdout": .string(output), "stderr": .string(errors),
            "stdout_lines": .list(output.pythonLines.map(Value.string)),
            "stderr_lines": .list(errors.pythonLines.map(Value.string)),
        ]
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
