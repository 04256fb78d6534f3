public import Foundation
import Subprocess
import Synchronization
import Testing

/// What a program that ended answered.
public struct Transcript: Sendable {
    /// Exit status; 128 + N for one that signal N ended.
    public var status: Int32
    /// Standard output.
    public var output: String
    /// Standard error.
    public var errors: String
}

/// The built `drover`, run in a folder as a user would run it.
public struct DroverProgram: Sendable {
    /// Folder it runs in.
    public var folder: String
    /// Variables added to the environment.
    public var environment: [String: String]

    /// The program, run in `folder`.
    public init(in folder: URL, environment: [String: String] = [:]) {
        self.folder = folder.path
        self.environment = environment
    }

    /// The top of this clone.
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// `$DROVER_BINARY`, else the debug build of this clone.
    public static var binary: String {
        ProcessInfo.processInfo.environment["DROVER_BINARY"]
            ?? repository.appendingPathComponent(".build/debug/drover").path
    }

    /// Runs the program to its end.
    public func callAsFunction(_ arguments: String...) async throws -> Transcript { try await run(arguments) }

    /// Runs the program to its end.
    public func run(_ arguments: [String]) async throws -> Transcript {
        let done = try await runBeside([Self.binary] + arguments)
        Self.check(done, of: arguments)
        return done
    }

    /// Whatever test has it write JSON: it is what docs/json.md says.
    private static func check(_ done: Transcript, of arguments: [String]) {
        let own = arguments.prefix { $0 != "--" }
        let isJSON = own.contains("--format=json") || zip(own, own.dropFirst()).contains { $0 == ("--format", "json") }
        // That is Ansible's.
        guard isJSON, arguments.first != "inventory" else { return }
        for mistake in WrittenJSON.mistakes(in: done.output, isCutOff: done.status > 128).prefix(3) {
            Issue.record("drover \(own.joined(separator: " ")): \(mistake)")
        }
    }

    /// Runs any program to its end, in the folder and the environment that Drover is run in.
    public func runBeside(_ words: [String]) async throws -> Transcript {
        try await Self.run(["env", "-C", folder] + settings + words)
    }

    /// Runs any program to its end.
    ///
    /// What it writes goes through files: a daemon that it leaves behind may hold its output open for ever.
    public static func run(_ words: [String]) async throws -> Transcript {
        try await withTemporaryFolder { folder in
            let script = #"out=$1 err=$2; shift 2; exec "$@" >"$out" 2>"$err" </dev/null"#
            let files = ["out", "err"].map { folder.appendingPathComponent($0) }
            let result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", script, "sh"] + files.map(\.path) + words),
                output: .discarded, error: .discarded)
            let texts = try files.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
            return Transcript(status: status(of: result.terminationStatus), output: texts[0], errors: texts[1])
        }
    }

    /// Runs the program and sends it `signal` as soon as it writes a line that `moment` accepts.
    public func run(
        _ arguments: [String], sending signal: Int32, when moment: @Sendable @escaping (String) -> Bool
    ) async throws -> Transcript {
        let isSent = Atomic(false)
        return try await watched(arguments) { line, process in
            guard !isSent.load(ordering: .relaxed), moment(line) else { return }
            isSent.store(true, ordering: .relaxed)
            kill(process, signal)
        }
    }

    /// Runs the program and shows `watcher` each line of its output as it comes, with the program's process.
    public func watched(
        _ arguments: [String], _ watcher: @Sendable (_ line: String, _ process: Int32) -> Void
    ) async throws -> Transcript {
        try await withTemporaryFolder { folder in
            let errors = folder.appendingPathComponent("errors").path
            let words = ["-C", self.folder] + settings + ["sh", "-c", #"exec "$@" 2>"$0""#, errors, Self.binary]
            let result = try await Subprocess.run(
                .name("env"), arguments: Arguments(words + arguments), input: .none, output: .sequence,
                error: .discarded
            ) { execution in
                var lines: [String] = []
                for try await line in execution.standardOutput.strings() {
                    lines.append(line)
                    watcher(line, execution.processIdentifier.value)
                }
                return lines.joined(separator: "\n")
            }
            let done = Transcript(
                status: Self.status(of: result.terminationStatus), output: result.closureResult,
                errors: try String(contentsOfFile: errors, encoding: .utf8))
            Self.check(done, of: arguments)
            return done
        }
    }

    /// Runs the program and does what each cue says when its time has come, one cue after the other.
    ///
    /// - Parameter condition: In words of the shell; the program gets SIGINT as soon as it holds.
    /// - Returns: Everything it wrote, on whichever stream, as output.
    public func run(
        _ arguments: [String], interruptedOnce condition: String? = nil, cues: [Cue] = []
    ) async throws -> Transcript {
        let watcher = condition.map { "{ until \($0); do sleep 0.02; done; kill -INT $$; } >/dev/null 2>&1 & " } ?? ""
        let words =
            ["-C", folder] + settings + ["sh", "-c", watcher + #"exec "$@" 2>&1"#, "sh", Self.binary] + arguments
        let result = try await Subprocess.run(
            .name("env"), arguments: Arguments(words), input: .none, output: .sequence, error: .discarded
        ) { execution in
            var lines: [String] = []
            var rest = cues[...]
            for try await line in execution.standardOutput.strings() {
                lines.append(line)
                guard let cue = rest.first, line.contains(cue.text) else { continue }
                try cue.act(execution.processIdentifier.value)
                rest.removeFirst()
            }
            return lines.joined(separator: "\n")
        }
        return Transcript(status: Self.status(of: result.terminationStatus), output: result.closureResult, errors: "")
    }

    /// Words of `env` before a program: what the test sets, and nothing of the tester's that changes what Drover does, such
    /// as a CI system's variables and the settings for OpenSSH.
    var settings: [String] {
        let own = ProcessInfo.processInfo.environment.keys.filter { name in
            name == "CI" || name == "NO_COLOR" || Self.foreign.contains { name.hasPrefix($0) }
        }
        return own.sorted().flatMap { ["-u", $0] }
            + environment.merging(Self.usual) { given, _ in given }.map { "\($0.key)=\($0.value)" }
    }

    /// A test that keeps connections says so, and has a place of its own for them.
    private static let usual = ["DROVER_SSH_CONFIG": "none", "DROVER_CONNECTIONS": "off"]

    /// How the names of such variables begin.
    private static let foreign = [
        "CI_", "GITHUB_", "GITLAB_", "BUILD_", "JENKINS_", "ANSIBLE_", "DROVER_BUILDS", "DROVER_STATE", "DROVER_ETCD",
        "SUDO_",
    ]

    private static func status(of status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let number): 128 + Int32(number)
        }
    }
}
