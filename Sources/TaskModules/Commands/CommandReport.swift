import Fleet
import Foundation
import OrderedCollections
import Values

/// What a host answered to `command` or `shell`: a line of our own, then what the command wrote.
///
/// The line is the host's time when the command began, or why it did not begin.
struct CommandReport: Sendable {
    private enum Beginning {
        case at(HostTime)
        case noFolder
        /// The kernel would not run the program, for the reason with this number.
        case notRun(reason: Int)
        /// The host has no clock that can be read.
        case unknown
    }

    private var answer: CommandResult
    private let beginning: Beginning

    /// What the shell writes when there is no folder to run in.
    static let noFolder = "@no-folder"
    private static let notRun = "@not-run"

    /// The shell line that writes when the command begins.
    static let clock = #"printf '%s\n' "$(date '+%Y-%m-%d %H:%M:%S.%6N' 2>/dev/null)""#

    /// Shell lines that end the script when there is no such program: builtins of the shell behave differently.
    ///
    /// They run in a shell of their own, so that their variables are not those of the command's words.
    /// - Parameter program: A word as the shell reads it.
    static func search(for program: String) -> [String] {
        [
            "(p=\(program); f=; case $p in */*) [ ! -e \"$p\" ] || f=$p ;; *) IFS=:; for d in $PATH; do",
            "[ -f \"${d:-.}/$p\" ] || continue; f=${d:-.}/$p; [ ! -x \"$f\" ] || break; done ;; esac",
            "[ -n \"$f\" ] || { echo \(notRun) 2; exit 2; }",
            "[ -x \"$f\" ] && [ ! -d \"$f\" ] || { echo \(notRun) 13; exit 13; }) || exit",
        ]
    }

    /// Reads the answer.
    init(_ answer: CommandResult) {
        self.answer = answer
        guard let end = answer.output.firstIndex(of: 0x0A) else {
            beginning = .unknown
            return
        }
        let line = String(decoding: answer.output[..<end], as: UTF8.self)
        let words = line.split(separator: " ")
        if line == Self.noFolder {
            beginning = .noFolder
        } else if words.count == 2, words[0] == Self.notRun, let reason = Int(words[1]) {
            beginning = .notRun(reason: reason)
        } else if let time = HostTime(line) {
            beginning = .at(time)
        } else {
            beginning = .unknown
            // An empty line stands for a clock that could not be read.
            if !line.isEmpty { return }
        }
        self.answer.output = Array(answer.output[(end + 1)...])
    }

    /// The task's result.
    /// - Parameter words: The words of a program that was run without a shell.
    func result(_ telling: CommandRun.ResultForm, _ words: [String]) -> TaskResult {
        guard case .timed(let command, let strips) = telling else { return written(answer) }
        switch beginning {
        case .noFolder:
            var fields = CommandRun.written(status: 0, output: "", errors: "")
            fields.merge(CommandRun.untimed(command)) { $1 }
            fields["rc"] = .null
            return TaskResult(failed: true, message: "Unable to change directory before execution.", fields: fields)
        case .notRun(let reason):
            var fields = CommandRun.written(status: reason, output: "", errors: "")
            fields["cmd"] = .string(PrintedCommand.text(words))
            return TaskResult(failed: true, message: "Error executing command.", fields: fields)
        case .at(let time): return timed(command, strips, from: time)
        case .unknown: return timed(command, strips, from: nil)
        }
    }

    private func timed(_ command: Value, _ strips: Bool, from start: HostTime?) -> TaskResult {
        var (output, errors) = (answer.text, answer.errorText)
        if strips { (output, errors) = (output.trimmingLineEnds, errors.trimmingLineEnds) }
        var fields = CommandRun.written(status: Int(answer.status), output: output, errors: errors)
        fields["cmd"] = command
        fields["delta"] = .string(answer.elapsed.pythonText)
        fields["start"] = start.map { .string($0.text) } ?? .null
        fields["end"] = start.map { .string($0.adding(answer.elapsed).text) } ?? .null
        return TaskResult(
            changed: true, failed: !answer.succeeded, message: answer.succeeded ? "" : "non-zero return code",
            fields: fields)
    }

    private func written(_ answer: CommandResult) -> TaskResult {
        TaskResult(
            changed: true, failed: !answer.succeeded, message: answer.succeeded ? nil : "non-zero return code",
            fields: CommandRun.written(
                status: Int(answer.status), output: answer.text, errors: answer.errorText))
    }
}

/// A host's own time of day, to the microsecond, as Python prints it.
struct HostTime: Sendable, Equatable {
    private let microseconds: Int

    /// Reads `2026-11-29 13:17:07.293688`; `nil` for what is no time.
    init?(_ text: String) {
        let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int32($0) }
        guard text.utf8.count == 26, numbers.count == 7, (1970...9000).contains(numbers[0]), numbers[6] < 1_000_000,
            numbers[1..<6].allSatisfy({ $0 < 100 })
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
        microseconds = timegm(&parts) * 1_000_000 + Int(numbers[6])
    }

    private init(microseconds: Int) { self.microseconds = microseconds }

    /// The time when `elapsed` has gone by.
    func adding(_ elapsed: Duration) -> HostTime {
        let (seconds, attoseconds) = elapsed.components
        // A command does not run for as long as 64 bits of microseconds can hold.
        return HostTime(microseconds: microseconds &+ Int(seconds) &* 1_000_000 &+ Int(attoseconds / 1_000_000_000_000))
    }

    /// As Python prints it.
    var text: String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: Int32, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = [parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday].map { padded($0) }.joined(separator: "-")
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0) }.joined(separator: ":")
        let fraction = Int32(microseconds % 1_000_000)
        return "\(date) \(clock)" + (fraction == 0 ? "" : ".\(padded(fraction, 6))")
    }
}

/// A command as Ansible prints it: quoted by Python's rules, and without what looks like a password.
enum PrintedCommand {
    /// The words, with spaces between.
    static func text(_ words: [String]) -> String {
        var shown: [String] = []
        var isSecret = false
        for word in words {
            if isSecret {
                shown.append(mask)
                isSecret = false
            } else if isPassword(word), let sign = word.firstIndex(of: "=") {
                shown.append("\(word[..<sign])=\(mask)")
            } else {
                isSecret = isPassword(word)
                shown.append(word)
            }
        }
        return shown.map(quoted).joined(separator: " ")
    }

    private static let mask = "********"

    private static func isPassword(_ word: String) -> Bool {
        let dashes = word.prefix(2).prefix { $0 == "-" }.count
        return word.dropFirst(dashes).hasPrefix("pass")
    }

    private static func quoted(_ word: String) -> String {
        let isSafe =
            !word.isEmpty
            && word.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "_@%+=:,./-".utf8.contains(byte)
            }
        return isSafe ? word : "'" + word.replacing("'", with: "'\"'\"'") + "'"
    }
}
