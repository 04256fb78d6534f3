/// What one source says about how hosts are reached: the user's settings for OpenSSH, the command line, keywords, or
/// variables. `nil` where it says nothing, so that no value has to stand for that.
public struct ConnectionSettings: Hashable, Sendable {
    /// What the way to a host leads through, as OpenSSH's options name it.
    public enum Proxy: Hashable, Sendable {
        /// The value of `ProxyJump`; `none` for a direct way.
        case jump(String)
        /// The value of `ProxyCommand`; `none` for a direct way.
        case command(String)

        /// The command, where it is one.
        public var command: String? { if case .command(let text) = self { text } else { nil } }
    }

    /// What carries the commands.
    public var connection: Endpoint.Connection?
    /// What speaks SSH.
    public var client: Endpoint.Client?
    /// Name or address to connect to, instead of the one that the host is called by.
    public var address: String?
    /// Login user.
    public var user: String?
    /// TCP port.
    public var port: UInt16?
    /// The one private key that a variable or the command line names: it comes before the files below it.
    public var privateKey: String?
    /// Private keys to offer, in order. Unlike all else, those of lower layers are offered too, after these.
    public var identityFiles: [String] = []
    /// Socket of the agent that holds its keys; `none` for no agent.
    public var identityAgent: String?
    /// Files with the host keys to trust; none means the usual ones.
    public var knownHostsFiles: [String]?
    /// Host keys that count instead of any file's, as `ssh-ed25519 AAAA…`.
    public var pinnedHostKeys: [String]?
    /// Whether a host key that no file knows is refused.
    public var checksHostKey: Bool?
    /// The name that the files have its host key under, instead of address and port.
    public var hostKeyAlias: String?
    /// How long TCP connection, handshake and authentication may each take.
    public var connectTimeout: Duration?
    /// What the way leads through.
    public var proxy: Proxy?
    /// Which of its addresses count; `nil` for all.
    public var addressFamily: Endpoint.AddressFamily?
    /// Whether a Kerberos ticket is shown to it.
    public var showsTicket: Bool?
    /// What is wanted that only the installed `ssh` does.
    public var wants: [OpenSSHWant] = []
    /// Whether a program, or what else surrounds the command, had a say in any of this.
    public var dependsOnSurroundings = false
    /// Password for logging in.
    public var password: Secret<String>?
    /// What opens the private keys that have a passphrase.
    public var passphrase: Secret<String>?
    /// Whether commands have another user's rights.
    public var becomes: Bool?
    /// Whose rights they then have.
    public var becomeUser: String?
    /// What gives them these rights.
    public var becomeMethod: Endpoint.BecomeMethod?
    /// Password for the method.
    public var becomePassword: Secret<String>?

    /// Nothing is said.
    public init() {}

    /// These settings, and those of `lower` where these say nothing.
    public func over(_ lower: ConnectionSettings) -> ConnectionSettings {
        var settings = self
        settings.connection = connection ?? lower.connection
        settings.client = client ?? lower.client
        settings.address = address ?? lower.address
        settings.user = user ?? lower.user
        settings.port = port ?? lower.port
        settings.privateKey = privateKey ?? lower.privateKey
        settings.identityFiles += lower.identityFiles.filter { !identityFiles.contains($0) }
        settings.identityAgent = identityAgent ?? lower.identityAgent
        settings.knownHostsFiles = knownHostsFiles ?? lower.knownHostsFiles
        settings.pinnedHostKeys = pinnedHostKeys ?? lower.pinnedHostKeys
        settings.checksHostKey = checksHostKey ?? lower.checksHostKey
        settings.hostKeyAlias = hostKeyAlias ?? lower.hostKeyAlias
        settings.connectTimeout = connectTimeout ?? lower.connectTimeout
        settings.proxy = proxy ?? lower.proxy
        settings.addressFamily = addressFamily ?? lower.addressFamily
        settings.showsTicket = showsTicket ?? lower.showsTicket
        settings.wants += lower.wants.filter { !wants.contains($0) }
        settings.dependsOnSurroundings = dependsOnSurroundings || lower.dependsOnSurroundings
        settings.password = password ?? lower.password
        settings.passphrase = passphrase ?? lower.passphrase
        settings.becomes = becomes ?? lower.becomes
        settings.becomeUser = becomeUser ?? lower.becomeUser
        settings.becomeMethod = becomeMethod ?? lower.becomeMethod
        settings.becomePassword = becomePassword ?? lower.becomePassword
        return settings
    }

    /// The same with the private key first among the files to offer.
    public var withKeyOffered: ConnectionSettings {
        guard let privateKey else { return self }
        var settings = self
        settings.privateKey = nil
        settings.identityFiles = [privateKey] + identityFiles.filter { $0 != privateKey }
        return settings
    }

    /// Whose rights commands have. Who logs in as a user need not become it.
    public var privilege: Privilege {
        let other = becomeUser ?? "root"
        return becomes == true && other != user ? .become(user: other) : .login
    }
}
