import Fleet
import Inventories
import Synchronization
import Values

/// The passwords of one command: read or asked for once, before anything connects, and never shown.
final class Passwords: Sendable {
    private let terminal: Terminal
    private let environment: [String: String]
    private let opened = Mutex<Vault?>(nil)
    private let logins = Mutex<Logins?>(nil)
    private let vaultPasswordFile = Mutex<String?>(nil)

    /// Passwords for hosts.
    typealias Logins = (password: Secret<String>?, becomePassword: Secret<String>?)

    init(terminal: Terminal, environment: [String: String]) {
        self.terminal = terminal
        self.environment = environment
    }

    // MARK: Hosts

    /// The passwords for logging in and for becoming another user.
    /// - Throws: ``InputError`` when one can't be read, or nobody is there to type it.
    func logins(_ options: PasswordOptions) throws(InputError) -> Logins {
        if let known = logins.withLock({ $0 }) { return known }
        var read: Logins = (nil, nil)
        if options.asksPassword {
            read.password = try terminal.ask(
                "SSH password: ", instead: "give it in a file: --connection-password-file FILE")
        } else if let file = options.passwordFile ?? setting("ANSIBLE_CONNECTION_PASSWORD_FILE") {
            read.password = try password(in: file)
        }
        if options.asksBecomePassword {
            let prompt = read.password == nil ? "BECOME password: " : "BECOME password[defaults to SSH password]: "
            read.becomePassword = try terminal.ask(
                prompt, else: read.password, instead: "give it in a file: --become-password-file FILE")
        } else if let file = options.becomePasswordFile ?? setting("ANSIBLE_BECOME_PASSWORD_FILE") {
            read.becomePassword = try password(in: file)
        }
        let found = read
        logins.withLock { $0 = found }
        return found
    }

    private func setting(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private func password(in file: String) throws(InputError) -> Secret<String> {
        let bytes = try Vault.Password.read(file: file, id: nil).secret.reveal()
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw InputError("the password is not text in UTF-8", at: SourceLocation(file: file))
        }
        terminal.redactor.add(text)
        return Secret(text)
    }

    // MARK: Vault

    /// What opens encrypted files and values.
    /// - Parameter masksNamed: Whether values in the open whose names say that they are secrets are masked too.
    /// - Throws: ``InputError`` when a password can't be read, or nobody is there to type it.
    func vault(_ options: VaultOptions, masksNamed: Bool = true) throws(InputError) -> Vault {
        if let known = opened.withLock({ $0 }) { return known }
        var passwords: [Vault.Password] = []
        for source in sources(options) { passwords.append(try password(source)) }
        for password in passwords { terminal.redactor.add(String(decoding: password.secret.reveal(), as: UTF8.self)) }
        let redactor = terminal.redactor
        var keepNamed: (@Sendable (String, String) -> Void)?
        if masksNamed { keepNamed = { text, name in redactor.add(text, named: name) } }
        let vault = Vault(passwords, keepNamed: keepNamed) { redactor.add($0) }
        opened.withLock { $0 = vault }
        return vault
    }

    /// Names the file with the vault's password where neither the command line nor the environment does.
    func useVaultPassword(in file: String) { vaultPasswordFile.withLock { $0 = file } }

    private struct Source {
        var id: String?
        var place: Place

        enum Place { case file(String), prompt }

        /// `[ID@]SOURCE`
        init(_ text: String) {
            let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            id = parts.count > 1 && !parts[0].isEmpty ? parts[0] : nil
            let place = parts[parts.count - 1]
            self.place = place == "prompt" ? .prompt : .file(place)
        }

        init(id: String? = nil, _ place: Place) { (self.id, self.place) = (id, place) }
    }

    /// In Ansible's order: names first, then files, then the terminal.
    private func sources(_ options: VaultOptions) -> [Source] {
        let ids = (setting("ANSIBLE_VAULT_IDENTITY_LIST") ?? "").split(separator: ",").map {
            String($0.drop { $0 == " " })
        }
        var files = options.files
        if files.isEmpty, let file = setting("ANSIBLE_VAULT_PASSWORD_FILE") { files = [file] }
        var sources = (ids + options.ids).map { Source($0) } + files.map { Source(.file($0)) }
        if options.asks { sources.append(Source(.prompt)) }
        if sources.isEmpty, let file = vaultPasswordFile.withLock({ $0 }) { sources = [Source(.file(file))] }
        return sources
    }

    private func password(_ source: Source) throws(InputError) -> Vault.Password {
        switch source.place {
        case .file(let path): return try .read(file: path, id: source.id)
        case .prompt:
            let name = source.id.map { "Vault password (\($0)): " } ?? "Vault password: "
            let typed = try terminal.ask(name, instead: "give it in a file: --vault-password-file FILE")
            return Vault.Password(
                id: source.id ?? Vault.defaultID, origin: "typed", secret: Secret(Array(typed.reveal().utf8)))
        }
    }
}
