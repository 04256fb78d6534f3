public import Fleet
import Foundation

/// Reads YAML as Ansible does: YAML 1.1 as PyYAML resolves it, with places, and with the tags `!unsafe` and `!vault`.
public enum YAMLReader {
    /// What to do about a key that stands twice in one mapping.
    public enum RepeatedKeys: Sendable {
        /// An error that names both places.
        case refused
        /// The later one counts, as in Ansible.
        case laterWins
    }

    /// Reads a file that holds one document.
    /// - Parameter vault: Opens the file when it is encrypted, and its `!vault` values when they are used.
    /// - Returns: `nil` for a file without a document (empty, or only comments).
    /// - Throws: ``InputError`` when the file can't be read, opened or is no YAML.
    public static func read(
        file: String, repeatedKeys: RepeatedKeys = .refused, vault: Vault = .locked
    ) throws(InputError) -> SourceNode? {
        try parse(text(of: file), file: file, repeatedKeys: repeatedKeys, vault: vault)
    }

    /// Reads a file that may hold several documents, or none.
    /// - Throws: ``InputError`` when the file can't be read or is no YAML.
    public static func documents(
        file: String, repeatedKeys: RepeatedKeys = .refused, vault: Vault = .locked
    ) throws(InputError) -> [SourceNode] {
        try parseAll(text(of: file), file, repeatedKeys, vault)
    }

    /// Reads text that holds one document; `file` is what messages call it.
    /// - Returns: `nil` for text without a document.
    /// - Throws: ``InputError`` when the text is no YAML, or holds more than one document.
    public static func parse(
        _ text: String, file: String, repeatedKeys: RepeatedKeys = .refused, vault: Vault = .locked
    ) throws(InputError) -> SourceNode? {
        let documents = try parseAll(text, file, repeatedKeys, vault)
        if documents.count > 1 {
            throw InputError(
                "a second YAML document begins here", at: documents[1].location,
                hints: ["one file holds one document: take out the '---' in the middle"])
        }
        return documents.first
    }

    private static func parseAll(
        _ text: String, _ file: String, _ repeatedKeys: RepeatedKeys, _ vault: Vault
    ) throws(InputError) -> [SourceNode] {
        let isEncrypted = VaultEnvelope.isEncrypted(text)
        let text = try isEncrypted ? vault.openedText(text, file: file) : text
        let scalars = YAMLScalars(vault: vault, isRevealed: isEncrypted)
        if JSONNodes.canRead(text) {
            var nodes = JSONNodes(text, file: file, repeatedKeys: repeatedKeys, scalars: scalars)
            return [try nodes.document()]
        }
        var composer = YAMLComposer(text, file: file, repeatedKeys: repeatedKeys, scalars: scalars)
        return try composer.documents()
    }

    /// The text of a file.
    /// - Throws: ``InputError`` that says why it can't be read: missing, a folder, not allowed, not UTF-8.
    public static func text(of file: String) throws(InputError) -> String {
        var isFolder: ObjCBool = false
        let place = SourceLocation(file: file)
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder) else {
            throw InputError("there is no such file", at: place)
        }
        if isFolder.boolValue { throw InputError("this is a folder, not a file", at: place) }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw InputError("the file can't be read", at: place, hints: ["check its permissions"])
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw InputError("the file is not text in UTF-8", at: place)
        }
        return text
    }
}
