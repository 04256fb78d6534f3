import Fleet
import Foundation
import Subprocess

/// A program of this machine with its arguments.
struct Tool: Equatable, Sendable {
    var words: [String]
    /// What it reads on standard input.
    var input = ""

    init(_ words: String..., input: String = "") {
        self.words = words
        self.input = input
    }

    init(_ words: [String]) { self.words = words }

    /// A shell script with its arguments as `$1` and on.
    static func script(_ text: String, _ arguments: [String]) -> Tool {
        Tool(["sh", "-euc", text, "drover-lab"] + arguments)
    }

    /// Where programs are looked for: a user's path may lack the system's own.
    private static let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Runs the program and gives its standard output.
    /// - Throws: ``LabError`` `.toolFailed` with the last lines it said, when it does not exit with 0.
    @discardableResult
    func run() async throws(LabError) -> String {
        let answer = try await finish()
        guard answer.status == 0 else {
            throw LabError(.toolFailed, "\(words[0]) failed with status \(answer.status): \(Self.tail(answer.errors))")
        }
        return answer.output
    }

    /// Runs the program and gives its standard output, or nothing when it fails: for what may be gone already.
    @discardableResult
    func attempt() async throws(LabError) -> String? {
        let answer = try await finish()
        return answer.status == 0 ? answer.output : nil
    }

    /// What the program said, and how it ended.
    struct Answer: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs the program to its end, whatever that is.
    func finish() async throws(LabError) -> Answer {
        do {
            guard !input.isEmpty else { return try await Self.finish(words) }
            // In a file: a program may end before it has read all of a pipe, and swift-subprocess ends the whole process then.
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("drover-lab-\(UUID().uuidString)")
            try Data(input.utf8).write(to: file)
            defer { unlink(file.path) }
            let script = #"input=$1; shift; exec "$@" <"$input""#
            return try await Self.finish(["sh", "-c", script, "sh", file.path] + words)
        } catch {
            throw LabError(.toolFailed, "could not run \(words[0]): \(error)")
        }
    }

    private static func finish(_ words: [String]) async throws -> Answer {
        let result = try await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
            environment: .inherit.updating(["PATH": searchPath, "LC_ALL": "C.UTF-8"]),
            input: .none, output: .string(limit: 16 << 20), error: .string(limit: 4 << 20))
        return Answer(
            status: status(result.terminationStatus), output: result.standardOutput, errors: result.standardError)
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }

    private static func tail(_ text: String) -> String {
        text.split(separator: "\n").suffix(3).joined(separator: "; ")
    }

    /// Which of `programs` are not installed.
    static func missing(_ programs: [String]) -> [String] {
        let folders = searchPath.split(separator: ":")
        return programs.filter { program in
            !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
        }
    }
}
