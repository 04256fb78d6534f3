import Fleet
import Foundation
import Inventories
import OrderedCollections
import Synchronization
import Values

/// Reads files of this machine, each once as long as the run changes nothing here.
final class ControllerFiles: Sendable {
    private struct Known {
        var bytes: [String: [UInt8]] = [:]
        var variables: [String: Variables] = [:]
    }

    private let known = Mutex(Known())
    /// Larger files are read each time they are needed.
    private static let keepsUpTo = 1 << 20

    private let vault: Vault

    init(vault: Vault = .locked) { self.vault = vault }

    /// The content of a file, decrypted when it is encrypted.
    /// - Throws: ``InputError`` when it cannot be read.
    func bytes(of path: String) throws -> [UInt8] {
        if let bytes = known.withLock({ $0.bytes[path] }) { return bytes }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(.unreadable, "the file '\(path)' can't be read")
        }
        var bytes = [UInt8](data)
        if Vault.isEncrypted(bytes) {
            bytes = try vault.open(String(decoding: bytes, as: UTF8.self), at: SourceLocation(file: path))
            vault.noteSecret(String(decoding: bytes, as: UTF8.self))
        }
        if bytes.count <= Self.keepsUpTo { known.withLock { $0.bytes[path] = bytes } }
        return bytes
    }

    /// Forgets what was read, which may have been changed.
    func forget() { known.withLock { $0 = Known() } }

    /// The variables of a YAML file, not evaluated.
    func variables(of path: String) throws(InputError) -> Variables {
        if let variables = known.withLock({ $0.variables[path] }) { return variables }
        var variables: Variables = [:]
        if let node = try YAMLReader.read(file: path, vault: vault), !node.isNull {
            for (name, node) in try node.fields(of: "a file of variables") { variables[name] = node.value }
        }
        let read = variables
        known.withLock { $0.variables[path] = read }
        return variables
    }
}
