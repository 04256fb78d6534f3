import Foundation

/// The command line of a gate, looked at before anything depends on it.
struct GateCommand {
    let line: String
    /// Where it will be run.
    let folder: String
    /// The folders that programs are looked for in, as `$PATH` has them.
    let searchPath: String

    /// Why it cannot be run, and what to do about it; `nil` when it can, or only the shell could tell.
    var fault: (message: String, hint: String)? {
        let word = line.drop(while: \.isWhitespace).prefix { !$0.isWhitespace && !";&|<>()".contains($0) }
        guard !word.isEmpty, word.utf8.allSatisfy(Self.isPlain), word.first != "~" else { return nil }
        return word.contains("/") ? fault(ofFile: String(word)) : fault(ofProgram: String(word))
    }

    private func fault(ofFile word: String) -> (message: String, hint: String)? {
        let path = word.hasPrefix("/") ? word : "\(folder)/\(word)"
        guard FileManager.default.fileExists(atPath: path), !isFolder(path) else {
            return ("there is no command '\(word)'", "it is looked for at \(path)")
        }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            return ("the command '\(word)' is not executable", "chmod +x \(path)")
        }
        return nil
    }

    private func fault(ofProgram word: String) -> (message: String, hint: String)? {
        if Self.builtins.contains(word) { return nil }
        let folders = searchPath.split(separator: ":")
        if folders.contains(where: { FileManager.default.isExecutableFile(atPath: "\($0)/\(word)") }) { return nil }
        let isHere = FileManager.default.isExecutableFile(atPath: "\(folder)/\(word)") && !isFolder("\(folder)/\(word)")
        return (
            "there is no command '\(word)' on this machine",
            isHere ? "did you mean './\(word)'?" : "install it, or name a script: scripts/\(word)"
        )
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    /// What a shell takes as it is; with anything else it is the shell's to say what is run.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._/+-:[~".utf8.contains(byte)
        }
    }

    /// What `sh` does itself.
    private static let builtins: Set<String> = [
        ".", ":", "[", "alias", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export",
        "false", "for", "if", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test", "times", "trap",
        "true", "type", "ulimit", "umask", "unset", "until", "wait", "while",
    ]
}
