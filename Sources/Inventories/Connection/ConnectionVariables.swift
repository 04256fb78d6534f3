public import Fleet
import Foundation
public import OrderedCollections

/// The variables of an inventory that say how a host is reached.
public enum ConnectionVariables {
    /// Every name that counts here, old spellings included. Values must be evaluated before ``endpoint(for:_:)``.
    public static let names: Set<String> = Set(Field.allCases.flatMap(\.names))

    /// Where and how a host is reached.
    ///
    /// - Parameter variables: The host's variables, evaluated; others than ``names`` are not looked at.
    /// - Throws: ``InputError`` that names the variable, for a value of a wrong kind, and for what Drover can't honour.
    public static func endpoint(for host: HostName, _ variables: Variables) throws(InputError) -> Endpoint {
        try way(to: host, variables, over: ConnectionSettings()).endpoint
    }

    /// As ``endpoint(for:_:)``, with the hosts to go through as they are named.
    /// - Parameter lower: What holds where the variables say nothing.
    static func way(
        to host: HostName, _ variables: Variables, over lower: ConnectionSettings
    ) throws(InputError) -> (endpoint: Endpoint, jumps: [JumpPoint], unsaid: Set<Endpoint.Setting>) {
        let reader = Reader(host: host, variables: variables)
        let (login, address) = loginAndAddress(try reader.text(.address) ?? host.description)
        var endpoint = Endpoint(host: host, address: address)
        let own = try reader.settings(over: lower)
        endpoint.connection = own.connection ?? endpoint.connection
        endpoint.becomePassword = own.becomePassword
        endpoint.becomeMethod = own.becomeMethod ?? endpoint.becomeMethod
        endpoint.password = own.password
        endpoint.passphrase = try reader.text(.passphrase).map { Secret($0) }
        let settings = try arguments(reader, own)
        endpoint.port = settings.port ?? endpoint.port
        endpoint.user = settings.user ?? login
        endpoint.identityFiles = settings.identityFiles.map(expandingHome)
        endpoint.knownHostsFiles = settings.knownHostsFiles.map(expandingHome)
        endpoint.checksHostKey = !settings.acceptsUnknownKeys
        endpoint.connectTimeout = settings.connectTimeout ?? endpoint.connectTimeout
        endpoint.hostKeyAlias = settings.hostKeyAlias
        endpoint.pinnedHostKeys = try reader.hostKeys()
        return (endpoint, settings.jumps ?? [], settings.unsaid)
    }

    /// The parts of `user@host`, as `ssh` reads its argument; the user counts where nothing else names one.
    private static func loginAndAddress(_ text: String) -> (login: String?, address: String) {
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return (nil, text) }
        return (String(text[..<at]), String(text[text.index(after: at)...]))
    }

    /// In OpenSSH the first value given wins, and Ansible puts `ansible_ssh_args` before port and user, the others after.
    private static func arguments(
        _ reader: Reader, _ own: ConnectionSettings
    ) throws(InputError) -> SSHArguments {
        var settings = SSHArguments()
        for field in [Field.sshArguments, .commonArguments, .extraArguments] {
            if let text = try reader.text(field) {
                try settings.add(text, variable: reader.name(of: field), host: reader.host)
            }
            if field == .sshArguments {
                settings.settle(own)
            }
        }
        return settings
    }

    /// The variables that say whose rights commands have by `method`; the first that is set counts.
    public static func becomeUserNames(_ method: Endpoint.BecomeMethod) -> [String] {
        ["ansible_\(method.rawValue)_user", "ansible_become_user"]
    }

    /// `path` with a leading `~` replaced by the home folder.
    static func expandingHome(_ path: String) -> String {
        path == "~" || path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
    }
}

extension ConnectionVariables {
    /// What can be set, under each of its names; the first that is set counts, which is the last one Ansible looks at.
    enum Field: CaseIterable {
        case address, port, user, privateKey, connection, sshArguments, commonArguments, extraArguments
        case becomePassword, sudoPassword, suPassword, timeout, password, passphrase, becomeMethod, interpreter
        case hostKey

        var names: [String] {
            switch self {
            case .address: ["ansible_ssh_host", "ansible_host"]
            case .port: ["ansible_ssh_port", "ansible_port"]
            case .user: ["ansible_ssh_user", "ansible_user"]
            case .privateKey: ["ansible_ssh_private_key_file", "ansible_private_key_file"]
            case .connection: ["ansible_connection"]
            case .sshArguments: ["ansible_ssh_args"]
            case .commonArguments: ["ansible_ssh_common_args"]
            case .extraArguments: ["ansible_ssh_extra_args"]
            case .becomePassword: ["ansible_become_pass", "ansible_become_password"]
            case .sudoPassword: ["ansible_sudo_pass"]
            case .suPassword: ["ansible_su_pass"]
            case .timeout: ["ansible_ssh_timeout", "ansible_timeout"]
            case .password: ["ansible_ssh_password", "ansible_ssh_pass", "ansible_password"]
            case .passphrase: ["ansible_private_key_passphrase", "ansible_ssh_private_key_passphrase"]
            case .becomeMethod: ["ansible_become_method"]
            case .interpreter: ["ansible_python_interpreter"]
            case .hostKey: ["drover_host_key"]
            }
        }
    }

    /// Reads one host's variables and names them in what it throws.
    struct Reader {
        let host: HostName
        let variables: Variables

        func name(of field: Field) -> String {
            field.names.first { value($0) != nil } ?? field.names[0]
        }

        private func value(_ name: String) -> Value? {
            guard let value = variables[name], value != .null else { return nil }
            return value
        }

        func text(_ field: Field) throws(InputError) -> String? {
            let name = name(of: field)
            switch value(name) {
            case nil: return nil
            case .string(let text)?: return text.isEmpty ? nil : text
            case .int(let number)?: return String(number)
            default: throw InputError("the variable \(name) of the host '\(host)' must be text")
            }
        }

        /// Public keys, without their comments.
        func hostKeys() throws(InputError) -> [String] {
            let name = name(of: .hostKey)
            let texts: [String?] =
                switch value(name) {
                case nil: []
                case .list(let values)?: values.map(\.text)
                case let value?: [value.text]
                }
            var keys: [String] = []
            for text in texts {
                let words = (text ?? "").split(whereSeparator: \.isWhitespace)
                guard words.count >= 2, let blob = Data(base64Encoded: String(words[1])),
                    blob.dropFirst(4).starts(with: words[0].utf8)
                else {
                    throw InputError(
                        "\(name) of the host '\(host)' holds what is no public key",
                        hints: ["write the kind and the key, such as: ssh-ed25519 AAAAC3Nza…"])
                }
                keys.append("\(words[0]) \(words[1])")
            }
            return keys
        }

        func port() throws(InputError) -> UInt16? {
            guard let text = try text(.port) else { return nil }
            guard let port = UInt16(text), port > 0 else {
                throw InputError(
                    "\(name(of: .port)) of the host '\(host)' is '\(text)', not a port between 1 and 65535",
                    hints: ["write the number of the port, such as 22"])
            }
            return port
        }

        func timeout() throws(InputError) -> Duration? {
            guard let text = try text(.timeout) else { return nil }
            guard let seconds = Int(text), seconds > 0 else {
                throw InputError("\(name(of: .timeout)) of the host '\(host)' is '\(text)', not a number of seconds")
            }
            return .seconds(seconds)
        }

        /// What the variables say, and `lower` where they say nothing.
        func settings(over lower: ConnectionSettings) throws(InputError) -> ConnectionSettings {
            var settings = ConnectionSettings()
            if let name = try text(.connection) {
                settings.connection = try ConnectionSettings.connection(name, of: origin(.connection))
            }
            if let name = try text(.becomeMethod) {
                settings.becomeMethod = try ConnectionSettings.becomeMethod(name, of: origin(.becomeMethod))
            }
            settings.user = try text(.user)
            settings.port = try port()
            settings.privateKey = try text(.privateKey)
            settings.connectTimeout = try timeout()
            settings.password = try text(.password).map { Secret($0) }
            let ownPassword: Field = (settings.becomeMethod ?? lower.becomeMethod) == .su ? .suPassword : .sudoPassword
            let (special, general) = (try text(ownPassword), try text(.becomePassword))
            settings.becomePassword = (special ?? general).map { Secret($0) }
            return settings.over(lower)
        }

        private func origin(_ field: Field) -> String { "\(name(of: field)) of the host '\(host)'" }
    }
}

extension Endpoint.BecomeMethod {
    /// The method that Ansible calls `name`; `nil` for one that Drover has not.
    public init?(ansible name: String) {
        self.init(rawValue: name.hasPrefix(Self.prefix) ? String(name.dropFirst(Self.prefix.count)) : name)
    }

    private static let prefix = "ansible.builtin."
}
