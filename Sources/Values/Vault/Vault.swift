public import Fleet
import Foundation
import OrderedCollections
import Synchronization

/// The passwords for what ansible-vault encrypted, and what they open.
///
/// Nothing is opened before it is needed, and a key is derived once for each password and salt.
public final class Vault: Sendable {
    /// A password and the name that encrypted texts know it by.
    public struct Password: Sendable {
        /// Its name, `default` unless it was given another.
        public let id: String
        /// Where it came from, for messages: a file, a program, the terminal.
        public let origin: String
        /// The password itself.
        public let secret: Secret<[UInt8]>

        /// A password called `id`, from `origin`.
        public init(id: String = Vault.defaultID, origin: String, secret: Secret<[UInt8]>) {
            self.id = id
            self.origin = origin
            self.secret = secret
        }
    }

    /// The name of a password that was given none.
    public static let defaultID = "default"

    /// A vault without a password: opens nothing, and says what is missing.
    public static let locked = Vault([])

    private struct KeyName: Hashable {
        let password: Int
        let salt: [UInt8]
    }

    private let passwords: [Password]
    private let keys = Mutex<[KeyName: VaultKey]>([:])
    private let holdsEncrypted = Mutex(false)
    /// Hears every text that was opened, to keep it out of what is written.
    private let keep: @Sendable (String) -> Void
    /// Hears every value in the open whose variable's name says that it is a secret, with that name.
    private let keepNamed: (@Sendable (_ text: String, _ name: String) -> Void)?

    /// A vault that `passwords` open.
    /// - Parameters:
    ///   - keepNamed: Hears every value in the open whose variable's name says that it is a secret, with that name.
    ///   - keep: Hears every text that was opened.
    public init(
        _ passwords: [Password], keepNamed: (@Sendable (_ text: String, _ name: String) -> Void)? = nil,
        keep: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.passwords = passwords
        self.keepNamed = keepNamed
        self.keep = keep
    }

    /// Whether a file's content is encrypted.
    public static func isEncrypted(_ bytes: [UInt8]) -> Bool { VaultEnvelope.isEncrypted(bytes) }

    // MARK: Opening

    /// The plain bytes of a file that is encrypted as a whole.
    /// - Throws: ``InputError`` at `location` when no password opens it.
    public func open(_ text: String, at location: SourceLocation) throws(InputError) -> [UInt8] {
        let envelope = try VaultEnvelope(text, at: location)
        for index in order(of: envelope.id) {
            if let key = key(index, envelope.salt), let bytes = key.open(envelope) { return bytes }
        }
        throw refusal(envelope.id, at: location)
    }

    /// The text of a file that is encrypted as a whole.
    public func openedText(_ text: String, file: String) throws(InputError) -> String {
        let place = SourceLocation(file: file)
        return try self.text(of: open(text, at: place), at: place)
    }

    private func text(of bytes: [UInt8], at location: SourceLocation) throws(InputError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError("what is encrypted here is not text in UTF-8", at: location)
        }
        return text
    }

    /// The password of that name first, then the others, as Ansible tries them.
    private func order(of id: String?) -> [Int] {
        let id = id ?? Self.defaultID
        return passwords.indices.filter { passwords[$0].id == id } + passwords.indices.filter { passwords[$0].id != id }
    }

    private func key(_ password: Int, _ salt: [UInt8]) -> VaultKey? {
        keys.withLock { keys in
            let name = KeyName(password: password, salt: salt)
            if let key = keys[name] { return key }
            let key = VaultKey(password: passwords[password].secret.reveal(), salt: salt)
            keys[name] = key
            return key
        }
    }

    private func refusal(_ id: String?, at location: SourceLocation) -> InputError {
        let name = id.map { "the vault password '\($0)'" } ?? "a vault password"
        guard !passwords.isEmpty else {
            return InputError(
                "this is encrypted with ansible-vault and needs \(name)", at: location,
                hints: [
                    id.map { "give it: --vault-id \($0)@FILE, or --vault-id \($0)@prompt" }
                        ?? "give it: --vault-password-file FILE, or --ask-vault-pass"
                ])
        }
        let tried = passwords.map { "'\($0.id)' (\($0.origin))" }.joined(separator: ", ")
        let isKnown = id.map { id in passwords.contains { $0.id == id } } ?? true
        return InputError(
            "this is encrypted with ansible-vault, and no given password opens it: tried \(tried)", at: location,
            hints: [
                isKnown
                    ? "check the password: 'ansible-vault view' opens it with the right one"
                    : "it was encrypted as '\(id ?? "")': give that password with --vault-id \(id ?? "")@FILE"
            ])
    }

    // MARK: Values

    /// Keeps a text that was opened out of what is written; of a template also what stands between its marks, which it
    /// comes to as well.
    public func noteSecret(_ text: String) {
        keep(text)
        guard Value.isTemplate(text) else { return }
        let marks = /\{[{%#].*?[}%#]\}/.dotMatchesNewlines()
        for piece in text.split(separator: marks) { keep(String(piece)) }
    }

    /// Whether an encrypted value was met that is opened only when it is used.
    public var hasEncryptedValues: Bool { holdsEncrypted.withLock { $0 } }

    /// The value of a `!vault` scalar: opened when it is first used.
    public func sealed(_ ciphertext: String, at location: SourceLocation) -> Value {
        holdsEncrypted.withLock { $0 = true }
        let opened = OpenedText()
        let vaulted = VaultText.ciphertext { [self] () throws(InputError) in
            try opened.text { () throws(InputError) in
                let text = try text(of: open(ciphertext, at: location), at: location)
                keep(text)
                return text
            }
        }
        return .template(TemplateText(ciphertext, at: location, vault: vaulted))
    }

    /// A value that stood in a file that was encrypted as a whole: kept out of what is written, and what its templates
    /// come to as well. Names of keys, booleans and short numbers are not taken for secrets.
    public func revealed(_ value: Value) -> Value {
        switch value {
        case .string(let text):
            keep(text)
            return value
        case .template(let template) where template.vault == nil:
            noteSecret(template.text)
            return .template(TemplateText(template.text, at: template.location, vault: .template(keep: keep)))
        case .int, .double:
            let digits = value.json()
            if digits.utf8.count >= Self.shortestNumber { keep(digits) }
            return value
        case .list(let items): return .list(items.map(revealed))
        case .map(let fields): return .map(fields.mapValues(revealed))
        default: return value
        }
    }

    private static let shortestNumber = 6
}

// MARK: Secrets in the open

extension Vault {
    /// A variable's value: kept out of what is written where its name says that it is a secret, and so are the values of
    /// such keys inside it. Of a template, what it comes to is kept.
    public func watched(_ value: Value, named name: String) -> Value {
        guard let keepNamed else { return value }
        return watched(value, named: SecretName.isSecret(name) ? name : nil, keepNamed)
    }

    private func watched(
        _ value: Value, named name: String?, _ keepNamed: @escaping @Sendable (String, String) -> Void
    ) -> Value {
        switch value {
        case .string(let text):
            if let name { keepNamed(text, name) }
            return value
        case .int(let number):
            if let name { keepNamed(String(number), name) }
            return value
        case .template(let template):
            guard let name, template.vault == nil else { return value }
            let vaulted = VaultText.template { keepNamed($0, name) }
            return .template(TemplateText(template.text, at: template.location, vault: vaulted))
        case .list(let items): return .list(items.map { watched($0, named: name, keepNamed) })
        case .map(let fields):
            var watchedFields = fields
            for (key, field) in fields {
                let own = key.text.flatMap { SecretName.isSecret($0) ? $0 : nil }
                watchedFields[key] = watched(field, named: own, keepNamed)
            }
            return .map(watchedFields)
        case .null, .bool, .double: return value
        }
    }

    /// What stands under the key `name` of a file; mappings inside it have been watched already.
    func watched(_ node: SourceNode, named name: String) -> SourceNode {
        guard keepNamed != nil, SecretName.isSecret(name) else { return node }
        var node = node
        switch node.content {
        case .scalar(let value): node.content = .scalar(watched(value, named: name))
        case .sequence(let items): node.content = .sequence(items.map { watched($0, named: name) })
        case .mapping: break
        }
        return node
    }
}

/// A text that is opened once, however often its value is copied and used.
private final class OpenedText: Sendable {
    private let known = Mutex<Secret<String>?>(nil)

    func text(_ open: () throws(InputError) -> String) throws(InputError) -> String {
        if let known = known.withLock({ $0 }) { return known.reveal() }
        let text = try open()
        known.withLock { $0 = Secret(text) }
        return text
    }
}
