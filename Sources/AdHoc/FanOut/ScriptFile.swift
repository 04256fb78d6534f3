public import Fleet
import Foundation

/// A local script on its way to hosts.
public struct ScriptFile: Sendable {
    let name: String
    let bytes: [UInt8]

    /// Reads the script at `path`.
    /// - Throws: ``InputError`` where there is none that can be read.
    public init(path: String) throws(InputError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError("there is no script that can be read", at: SourceLocation(file: path))
        }
        self.init(name: (path as NSString).lastPathComponent, bytes: Array(data))
    }

    init(name: String, bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }

    /// The program that the first line asks for and its argument, as Linux reads it: `/bin/sh` without such a line.
    var interpreter: [String] {
        guard bytes.starts(with: "#!".utf8) else { return ["/bin/sh"] }
        let line = String(decoding: bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        let words = line.trimmingCharacters(in: .whitespacesAndNewlines).split(
            maxSplits: 1, whereSeparator: { $0 == " " || $0 == "\t" })
        guard !words.isEmpty else { return ["/bin/sh"] }
        return words.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// Runs the script from a private folder that goes when it ends. The interpreter is started by name, since that folder
    /// may be on a file system that nothing can be executed from.
    public func command(_ arguments: [String], privilege: Privilege) -> RemoteCommand {
        let interpreter = interpreter.map(RemoteCommand.quote).joined(separator: " ")
        let file = #""$d"/"# + RemoteCommand.quote(name)
        let words = arguments.map { " " + RemoteCommand.quote($0) }.joined()
        return RemoteCommand(
            shell: """
                umask 077
                d=$(mktemp -d) || exit
                trap 'rm -rf "$d"' EXIT
                trap 'exit 129' HUP
                trap 'exit 130' INT
                trap 'exit 143' TERM
                cat >\(file) && chmod 700 \(file) || exit
                \(interpreter) \(file)\(words) </dev/null
                """, privilege: privilege, input: bytes)
    }
}
