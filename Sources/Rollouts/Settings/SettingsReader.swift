public import Fleet
import Foundation
import Inventories
import OrderedCollections
public import Values

/// Reads the settings that a service's file has for a stage: its own `env_file:` and `env:`, then those of the stage. What comes
/// later wins; nothing (`~`) takes a variable away.
public struct SettingsReader {
    private let vault: Vault
    private let mistakes: MistakeLog
    /// Whether encrypted values are opened, and files read.
    private let opens: Bool
    private var found: OrderedDictionary<String, Setting> = [:]

    /// The settings of `stage`, by the service's file as it is now.
    /// - Throws: ``InputError`` with the place of a mistake, if there is any, and for what no password opens.
    public static func settings(of file: ServiceFile, _ stage: String, _ vault: Vault) throws(InputError) -> [Setting] {
        let mistakes = MistakeLog()
        let settings = review(file, stage, vault, mistakes)
        if let first = mistakes.all.first { throw first }
        return settings
    }

    /// As ``settings(of:_:_:)``; notes everything that is wrong with them.
    @discardableResult
    public static func review(
        _ file: ServiceFile, _ stage: String, _ vault: Vault, _ mistakes: MistakeLog
    ) -> [Setting] {
        var reader = Self(vault: vault, mistakes: mistakes, opens: true)
        _ = mistakes.attempt { () throws(InputError) in
            guard let node = try YAMLReader.read(file: file.path, vault: vault) else { return }
            for level in [node, node["stages"]?[stage]].compactMap(\.self) {
                for name in level["env_file"]?.paths ?? [] { reader.take(file: file.resolve(name.path), name.place) }
                if let env = level["env"] { reader.take(env, "env") }
            }
        }
        return Array(reader.found.values)
    }

    /// Notes what is wrong with `env:` and `env_file:` of a mapping, as far as that can be seen without the vault.
    static func check(_ fields: ServiceFileFields) {
        var reader = Self(vault: .locked, mistakes: fields.mistakes, opens: false)
        _ = fields.attempt { fields throws(InputError) in try fields.texts("env_file") }
        if let env = fields["env"] { reader.take(env, "env") }
    }

    private init(vault: Vault, mistakes: MistakeLog, opens: Bool) {
        (self.vault, self.mistakes, self.opens) = (vault, mistakes, opens)
    }

    // MARK: taking

    private mutating func take(file path: String, _ place: SourceLocation) {
        guard let data = FileManager.default.contents(atPath: path) else {
            return mistakes.note(
                InputError(
                    .missing, "there is no file '\(path)', or it cannot be read, which env_file names", at: place))
        }
        let isEncrypted = Vault.isEncrypted(Array(data))
        guard let node = mistakes.attempt({ () throws(InputError) in try YAMLReader.read(file: path, vault: vault) })
        else { return }
        if let node { take(node, "env_file", isEncrypted: isEncrypted) }
    }

    private mutating func take(_ node: SourceNode, _ key: String, isEncrypted: Bool = false) {
        if node.isNull { return }
        guard let entries = node.entries else {
            return mistakes.note(
                InputError(
                    "\(key) must be a mapping of names to values, but is \(node.summary)", at: node.location,
                    hints: ["for example: LOG_LEVEL: info"]))
        }
        for entry in entries {
            _ = mistakes.attempt { () throws(InputError) in try take(entry, isEncrypted: isEncrypted) }
        }
    }

    private mutating func take(_ entry: SourceNode.Entry, isEncrypted: Bool) throws(InputError) {
        let name = try Self.name(entry.key)
        if entry.value.isNull {
            found[name] = nil
            return
        }
        guard case .scalar(let value) = entry.value.content, let written = value.text else {
            throw Self.refusal(of: entry.value, name)
        }
        var (text, isSecret) = (written, isEncrypted || SecretName.isSecret(name))
        if case .template(let template) = value, case .ciphertext(let open)? = template.vault {
            guard opens else { return }
            (text, isSecret) = (try open(), true)
        }
        try Self.check(text, of: name, at: entry.value.location)
        found[name] = Setting(name, text, isSecret: isSecret)
    }

    // MARK: what may be

    private static func name(_ key: SourceNode) throws(InputError) -> String {
        let name = key.text ?? ""
        let isPlain = name.utf8.allSatisfy { byte in
            byte == UInt8(ascii: "_") || byte < 128 && (Character(UnicodeScalar(byte)).isLetter || isDigit(byte))
        }
        guard let first = name.utf8.first, isPlain, !isDigit(first) else {
            throw InputError(
                "\(key.text.map { "'\($0)'" } ?? key.summary) cannot name a variable", at: key.location,
                hints: ["use letters, digits and '_', no digit first, such as LOG_LEVEL"])
        }
        return name
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Numbers and booleans are not what was typed: YAML makes 8 of `010`, and true of `on`.
    private static func refusal(of node: SourceNode, _ name: String) -> InputError {
        var hints: [String] = []
        switch node.content {
        case .scalar(.bool(let flag)): hints = ["write it in quotes, as the program is to see it: \(name): \"\(flag)\""]
        case .scalar(let value):
            hints = ["write it in quotes, as the program is to see it: \(name): \"\(value.json())\""]
        case .sequence, .mapping: hints = ["write it as one text, such as JSON in quotes"]
        }
        return InputError("\(name) must be text, but is \(node.summary)", at: node.location, hints: hints)
    }

    /// Linux takes no longer argument; systemd drops variables with what is no character without a word.
    private static let longest = 131_071

    private static func check(_ value: String, of name: String, at place: SourceLocation) throws(InputError) {
        if value.unicodeScalars.contains("\0") {
            throw InputError("\(name) has a NUL in it, which no variable can have", at: place)
        }
        if value.unicodeScalars.contains(where: { (0xFDD0...0xFDEF).contains($0.value) || $0.value & 0xFFFE == 0xFFFE })
        {
            throw InputError("\(name) has something in it that Unicode calls no character", at: place)
        }
        let size = name.utf8.count + value.utf8.count + 2
        guard size <= longest else {
            throw InputError(
                "\(name) is too long: \(size) bytes, and a program is started with \(longest) at most", at: place,
                hints: ["have the playbook bring a file, and name its path here"])
        }
    }
}

extension SourceNode {
    /// The paths of a text, or of a list of them.
    fileprivate var paths: [(path: String, place: SourceLocation)] {
        (items ?? [self]).compactMap { item in item.text.map { ($0, item.location) } }
    }
}
