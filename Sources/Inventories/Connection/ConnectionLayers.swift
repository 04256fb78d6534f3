public import Fleet

/// What one source says about how hosts are reached: the command line, a play's keywords, or variables. `nil` where it says
/// nothing, so that no value has to stand for that.
public struct ConnectionSettings: Sendable, Equatable {
    /// What carries the commands.
    public var connection: Endpoint.Connection?
    /// Login user.
    public var user: String?
    /// TCP port.
    public var port: UInt16?
    /// Private key to offer first.
    public var privateKey: String?
    /// How long TCP connection, handshake and authentication may each take.
    public var connectTimeout: Duration?
    /// Password for logging in.
    public var password: Secret<String>?
    /// Whether commands have another user's rights.
    public var becomes: Bool?
    /// Whose rights they then have.
    public var becomeUser: String?
    /// What gives them these rights.
    public var becomeMethod: Endpoint.BecomeMethod?
    /// Password for sudo or su.
    public var becomePassword: Secret<String>?

    /// Nothing is said.
    public init() {}

    /// These settings, and those of `lower` where these say nothing.
    public func over(_ lower: ConnectionSettings) -> ConnectionSettings {
        var settings = self
        settings.connection = connection ?? lower.connection
        settings.user = user ?? lower.user
        settings.port = port ?? lower.port
        settings.privateKey = privateKey ?? lower.privateKey
        settings.connectTimeout = connectTimeout ?? lower.connectTimeout
        settings.password = password ?? lower.password
        settings.becomes = becomes ?? lower.becomes
        settings.becomeUser = becomeUser ?? lower.becomeUser
        settings.becomeMethod = becomeMethod ?? lower.becomeMethod
        settings.becomePassword = becomePassword ?? lower.becomePassword
        return settings
    }

    /// Whose rights commands have.
    public var privilege: Privilege { becomes == true ? .become(user: becomeUser ?? "root") : .login }
}

/// What is said about how hosts are reached, besides by their variables. Ansible's order: variables win over a task's keywords,
/// keywords over the command line, and that over the user's own settings for OpenSSH.
public struct ConnectionLayers: Sendable, Equatable {
    /// What the keywords of a task, its blocks and its play say.
    public var keywords: ConnectionSettings
    /// What the command line says.
    public var flags: ConnectionSettings

    /// Layers of these.
    public init(keywords: ConnectionSettings = ConnectionSettings(), flags: ConnectionSettings = ConnectionSettings()) {
        (self.keywords, self.flags) = (keywords, flags)
    }

    /// What holds where a host's variables say nothing.
    public var settings: ConnectionSettings { keywords.over(flags) }
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

    /// The method that Ansible calls `name`.
    /// - Throws: ``InputError`` that names `origin`, for one that Drover has not.
    public static func becomeMethod(_ name: String, of origin: String) throws(InputError) -> Endpoint.BecomeMethod {
        if let method = Endpoint.BecomeMethod(ansible: name) { return method }
        throw InputError(
            "\(origin) is '\(name)', which Drover can't use", hints: ["Drover becomes another user by 'sudo' or 'su'"])
    }
}
