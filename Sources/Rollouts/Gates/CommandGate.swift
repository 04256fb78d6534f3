import Fleet
import Foundation
import Subprocess

/// A gate that is a command on this machine. It ends in its time, however much it writes, whatever it ignores and
/// whatever it leaves running.
struct CommandGate: Sendable {
    let line: String
    /// Where it runs.
    let folder: String
    /// Variables added to this program's own.
    let environment: [String: String]
    let timeout: Duration

    /// 0 passes, 75 (`EX_TEMPFAIL`) had too little to judge by, anything else fails.
    func ask() async -> (Verdict, reason: String) {
        // What the command writes goes through a file: something that it leaves running may hold a pipe open for ever.
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("drover-gate-\(UUID().uuidString)")
        defer { unlink(output.path) }
        do {
            return verdict(try await run(writing: output.path), Self.lastLine(of: output))
        } catch {
            return (.fail, "it cannot be run: \(error)")
        }
    }

    private func run(writing output: String) async throws -> TerminationStatus {
        let script = #"(umask 077; : >"$3"); exec timeout --kill-after=5 "$1" /bin/sh -c "$2" >"$3" 2>&1"#
        var options = PlatformOptions()
        // `timeout` passes the signal on to all that the command started.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let variables = Dictionary(uniqueKeysWithValues: environment.map { (Environment.Key(stringLiteral: $0), $1) })
        return try await Subprocess.run(
            .name("env"), arguments: ["-C", folder, "sh", "-c", script, "sh", "\(seconds)", line, output],
            environment: .inherit.updating(variables), platformOptions: options, input: .none, output: .discarded,
            error: .discarded
        ).terminationStatus
    }

    private var seconds: Int { max(1, Int(timeout.components.seconds)) }

    private func verdict(_ status: TerminationStatus, _ said: String?) -> (Verdict, reason: String) {
        switch status {
        case .exited(0): (.pass, said ?? "exit status 0")
        case .exited(75): (.insufficient, said ?? "exit status 75")
        // Who is killed in the end takes `timeout` along.
        case .exited(124), .exited(137), .signaled(SIGKILL):
            (.fail, "not done after \(seconds) s" + (said.map { ": \($0)" } ?? ""))
        case .exited(let code): (.fail, said.map { "\($0) (exit status \(code))" } ?? "exit status \(code)")
        case .signaled(let number): (.fail, "ended by signal \(number)")
        }
    }

    /// The last line that is not blank, of the last few thousand bytes.
    private static func lastLine(of file: URL) -> String? {
        guard let handle = FileHandle(forReadingAtPath: file.path) else { return nil }
        defer { handle.closeFile() }
        let length = handle.seekToEndOfFile()
        handle.seek(toFileOffset: length > 4096 ? length - 4096 : 0)
        let text = String(decoding: handle.readData(ofLength: 4096), as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).last { !$0.allSatisfy(\.isWhitespace) }.map(String.init)
    }
}
