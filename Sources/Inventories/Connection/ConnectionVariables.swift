public import Fleet
import Foundation
public import OrderedCollections
public import Values

/// The variables of an inventory that say how a host is reached, and whose rights commands have there.
public enum ConnectionVariables {
    /// Every name that says how a host is reached, old spellings included. Values must be evaluated before they are read.
    public static let names: Set<String> = Set(Field.allCases.flatMap(\.names)).subtracting(becomeNames)

    /// Every name that says whose rights commands have; the password and the method are among ``names``.
    public static let becomeNames: Set<String> = Set(
        [Field.become, .becomeUser, .sudoUser, .suUser].flatMap(\.names))

    /// How a host is reached, but for the hosts on the way, and all that is said about it.
    ///
    /// The layers, highest first: `ansible_ssh_args`, the other variables, `lower`, `ansible_ssh_common_args`,
    /// `ansible_ssh_extra_args`, and a user in `ansible_host: user@host`. In OpenSSH the first value given wins, and Ansible puts
    /// `ansible_ssh_args` before port and user, the others after.
    ///
    /// - Parameters:
    ///   - variables: The host's variables, evaluated; others than ``names`` and ``becomeNames`` are not looked at.
    ///   - lower: What holds where the variables say nothing.
    /// - Throws: ``InputError`` that names the variable, for a value of a wrong kind, and for what Drover can't honour.
    public static func route(
        to host: HostName, _ variables: Variables, over lower: ConnectionSettings = ConnectionSettings()
    ) throws(InputError) -> (route: Route, said: ConnectionSettings) {
        let reader = ConnectionVariableReader(host: host, variables: variables)
        let (login, name) = loginAndName(try reader.text(.address) ?? host.description)
        let said = try reader.arguments(.sshArguments)
            .over(reader.settings(over: lower).withKeyOffered)
            .over(reader.arguments(.commonArguments))
            .over(reader.arguments(.extraArguments))
            .over(login)
        var settings = said
        (settings.proxy, settings.becomes, settings.becomeUser) = (nil, nil, nil)
        settings.identityFiles = settings.identityFiles.map(HomeFolder.expanding)
        settings.knownHostsFiles = settings.knownHostsFiles.map { $0.map(HomeFolder.expanding) }
        return (Route(host: host, name: name, settings: settings), said)
    }

    /// What variables say of whose rights commands have by `method`.
    ///
    /// - Parameter variables: The host's variables, evaluated; others than ``becomeNames`` are not looked at.
    /// - Throws: ``InputError`` that names the variable, for a value of a wrong kind.
    public static func rights(
        on host: HostName, _ variables: Variables, by method: Endpoint.BecomeMethod
    ) throws(InputError) -> ConnectionSettings {
        try ConnectionVariableReader(host: host, variables: variables).rights(by: method)
    }

    /// The parts of `user@host`, as `ssh` reads its argument; the user counts where nothing else names one.
    private static func loginAndName(_ text: String) -> (login: ConnectionSettings, name: String) {
        var login = ConnectionSettings()
        guard let at = text.lastIndex(of: "@"), at != text.startIndex else { return (login, text) }
        login.user = String(text[..<at])
        return (login, String(text[text.index(after: at)...]))
    }
}

extension ConnectionVariables {
    /// What can be set, under each of its names; the first that is set counts, which is the last one Ansible looks at.
    enum Field: CaseIterable {
        case address, port, user, privateKey, connection, sshArguments, commonArguments, extraArguments
        case becomePassword, sudoPassword, suPassword, timeout, password, passphrase, becomeMethod, interpreter
        case become, becomeUser, sudoUser, suUser
        case hostKey, client

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
            case .become: ["ansible_become"]
            case .becomeUser: ["ansible_become_user"]
            case .sudoUser: ["ansible_sudo_user"]
            case .suUser: ["ansible_su_user"]
            case .interpreter: ["ansible_python_interpreter"]
            case .hostKey: ["drover_host_key"]
            case .client: ["drover_transport"]
            }
        }
    }
}

extension Endpoint.BecomeMethod {
    /// The method that Ansible calls `name`; `nil` for one that Drover has not.
    public init?(ansible name: String) {
        let prefix = ["ansible.builtin.", "community.general."].first { name.hasPrefix($0) } ?? ""
        self.init(rawValue: String(name.dropFirst(prefix.count)))
    }

    /// Their names, as a sentence lists them.
    public static var list: String {
        let names = allCases.map(\.rawValue)
        return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    }
}

extension Endpoint.Client {
    /// Their names, as a sentence lists them.
    public static var list: String { allCases.map(\.rawValue).joined(separator: " or ") }
}

extension ConnectionSettings {
    /// The connection that Ansible calls `name`.
    /// - Throws: ``InputError`` that names `origin`, for one that Drover has not.
    public static func connection(_ name: String, of origin: String) throws(InputError) -> Endpoint.Connection {
        switch name {
        case "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "libssh": return .ssh
        case "local", "ansible.builtin.local": return .local
        default:
            throw InputError(
                "\(origin) is '\(name)', which Drover can't use",
                hints: ["Drover reaches hosts by 'ssh', and this machine by 'local'"])
        }
    }

    /// The transport that Drover calls `name`.
    /// - Throws: ``InputError`` that names `origin`, for one that Drover has not.
    static func client(_ name: String, of origin: String) throws(InputError) -> Endpoint.Client {
        if let client = Endpoint.Client(rawValue: name) { return client }
        throw InputError("\(origin) is '\(name)', which is no transport", hints: ["write \(Endpoint.Client.list)"])
    }

    /// The method that Ansible calls `name`.
    /// - Throws: ``InputError`` that names `origin`, for one that Drover has not.
    public static func becomeMethod(_ name: String, of origin: String) throws(InputError) -> Endpoint.BecomeMethod {
        if let method = Endpoint.BecomeMethod(ansible: name) { return method }
        throw InputError(
            "\(origin) is '\(name)', which Drover can't use",
            hints: ["Drover becomes another user by \(Endpoint.BecomeMethod.list)"])
    }
}
