public import Fleet
import Foundation
public import Values

extension Vault.Password {
    /// Reads a password from a file, or from a program that prints it; one whose name ends in `-client` is told the name.
    ///
    /// - Parameters:
    ///   - file: The file, or the program if it is executable.
    ///   - id: The name it was asked for by, if any.
    /// - Throws: ``InputError`` when it can't be read, fails, or gives nothing.
    public static func read(file: String, id: String?) throws(InputError) -> Self {
        let path = HomeFolder.expanding(file)
        let place = SourceLocation(file: file)
        switch SourceKind.of(path) {
        case .missing:
            throw InputError(
                "there is no such password file", at: place, hints: ["--vault-id takes [ID@]FILE or [ID@]prompt"])
        case .folder: throw InputError("the password file is a folder", at: place)
        case .file: break
        }
        let isProgram = FileManager.default.isExecutableFile(atPath: path)
        // A program's blanks belong to the password, as with Ansible.
        let bytes =
            try isProgram
            ? trimmed(output(of: path, id: id, place), of: "\r\n")
            : trimmed(content(of: path, place), of: " \t\r\n\u{B}\u{C}")
        guard !bytes.isEmpty else { throw InputError("the password is empty", at: place) }
        if VaultEnvelope.isEncrypted(bytes) {
            throw InputError(
                "the password is encrypted itself", at: place, hints: ["name a program that decrypts it"])
        }
        return Self(id: id ?? Vault.defaultID, origin: file, secret: Secret(bytes))
    }

    private static func content(of path: String, _ place: SourceLocation) throws(InputError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError("the password file can't be read", at: place, hints: ["check its permissions"])
        }
        return [UInt8](data)
    }

    /// How long a program may take: it may ask a person.
    private static let patience: TimeInterval = 300

    private static func output(of path: String, id: String?, _ place: SourceLocation) throws(InputError) -> [UInt8] {
        let stem = ((path as NSString).lastPathComponent as NSString).deletingPathExtension
        let isClient = stem.hasSuffix("-client")
        let arguments = isClient ? id.map { ["--vault-id", $0] } ?? [] : []
        switch ProgramAnswer.of(Path.absolute(path), arguments, patience: patience, mayTalk: !isClient) {
        case .done(let text): return Array(text.utf8)
        case .notStarted:
            throw InputError(
                "the password program can't be run", at: place,
                hints: ["if it is no program but holds the password, take its executable bit away: chmod -x"])
        case .tooSlow:
            throw InputError("the password program gave nothing within \(Int(patience)) s", at: place)
        case .failed(2, let lastWords) where isClient && id != nil:
            throw InputError(
                "the password program knows no password '\(id ?? "")'", at: place, hints: said(lastWords))
        case .failed(let status, let lastWords):
            throw InputError(
                "the password program ended with status \(status)", at: place, hints: said(lastWords))
        }
    }

    private static func said(_ lastWords: String) -> [String] { lastWords.isEmpty ? [] : ["it said: \(lastWords)"] }

    private static func trimmed(_ bytes: [UInt8], of characters: String) -> [UInt8] {
        let unwanted = Set(characters.utf8)
        var slice = bytes[...]
        while let first = slice.first, unwanted.contains(first) { slice.removeFirst() }
        while let last = slice.last, unwanted.contains(last) { slice.removeLast() }
        return Array(slice)
    }
}
