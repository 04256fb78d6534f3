/// Where and how a host is reached, with everything settled that anybody may say about it: a ``Route`` and, below it, the user's
/// own settings for OpenSSH.
public struct Endpoint: Hashable, Sendable {
    /// What carries the commands.
    public enum Connection: Hashable, Sendable {
        /// SSH.
        case ssh
        /// This machine, without a network.
        case local
    }

    /// What gives a command another user's rights.
    public enum BecomeMethod: String, Hashable, Sendable, CaseIterable {
        /// sudo, which asks for the login user's password.
        case sudo
        /// su, which asks for the other user's password.
        case su
        /// doas, which asks for passwords at a terminal only.
        case doas
        /// systemd's run0, which lets polkit decide, and asks for passwords at a terminal only.
        case run0

        /// Whether it takes a password from us.
        public var takesPassword: Bool { self == .sudo || self == .su }
    }

    /// What speaks SSH with a host.
    public enum Client: String, Hashable, Sendable, CaseIterable {
        /// Drover itself, with libssh2.
        case libssh2
        /// The installed `ssh`.
        case openssh
    }

    /// Which addresses a name stands for.
    public enum AddressFamily: String, Hashable, Sendable, CaseIterable, Codable {
        /// Those of IPv4.
        case inet
        /// Those of IPv6.
        case inet6
    }

    /// What the installed `ssh` finds out by itself where only the user's own settings for it say it.
    public enum OwnPart: String, Hashable, Sendable, CaseIterable, Codable, Comparable {
        /// The keys in ``Endpoint/identityFiles``.
        case keys
        /// The port.
        case port
        /// The login user.
        case user

        /// In the order of their names.
        public static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    /// The host, as the inventory names it.
    public var host: HostName
    /// What carries the commands.
    public var connection: Connection
    /// Name or address to connect to.
    public var address: String
    /// TCP port.
    public var port: UInt16
    /// Login user; `nil` means the user who runs Drover.
    public var user: String?
    /// Private keys to offer, in order; empty means the agent's and the user's own.
    public var identityFiles: [String]
    /// Keys to offer after the agent's and the user's own, where `identityFiles` is empty.
    public var fallbackIdentityFiles: [String] = []
    /// Files with the host keys to trust; empty means the user's own and the system's.
    public var knownHostsFiles: [String]
    /// Files with host keys that count besides.
    public var fallbackKnownHostsFiles: [String] = []
    /// Host keys that the inventory names, as `ssh-ed25519 AAAA…`; where there are some, no file counts.
    public var pinnedHostKeys: [String] = []
    /// Whether a host key that no file knows is refused. Only an explicit `StrictHostKeyChecking=no` turns this off.
    public var checksHostKey: Bool
    /// Password for logging in, where keys don't do.
    public var password: Secret<String>?
    /// What opens the private keys that have a passphrase.
    public var passphrase: Secret<String>?
    /// What gives commands another user's rights.
    public var becomeMethod = BecomeMethod.sudo
    /// Password for the method, when it wants one.
    public var becomePassword: Secret<String>?
    /// How long TCP connection, handshake and authentication may each take.
    public var connectTimeout: Duration
    /// The name that the files have its host key under, instead of address and port.
    public var hostKeyAlias: String?
    /// Socket of the agent that holds its keys, `none` for no agent; `nil` means `$SSH_AUTH_SOCK`.
    public var identityAgent: String?
    /// What speaks SSH; `nil` means libssh2, and the installed `ssh` for what libssh2 can't do.
    public var client: Client?
    /// What it is called by as it would stand after `ssh`, where that is not `address`.
    public var name: String?
    /// What nobody says but the user's own settings for OpenSSH. Lines of these may ask for it (`Match user`), so that it
    /// makes a difference to `ssh` who does.
    public var leftToUser: Set<OwnPart> = []
    /// Which of the addresses of its name count; `nil` for all.
    public var addressFamily: AddressFamily?
    /// Whether a Kerberos ticket is shown to it; `nil` leaves that to the user's own settings for OpenSSH.
    public var showsTicket: Bool?
    /// What the user's own settings for OpenSSH want that only the installed `ssh` does.
    public var wants: [OpenSSHWant] = []
    /// Whether a program that these name (`Match exec`), or variables of the command, had a say.
    public var dependsOnSurroundings = false
    /// The program that the connection goes through, as OpenSSH's `ProxyCommand` has it.
    public var proxyCommand: String?
    /// Hosts that the connection goes through, in the order it meets them; none of them has `jumps` of its own.
    public var jumps: [Endpoint] = []

    /// Where OpenSSH looks for host keys: the user's own file, then the system's.
    public static let usualKnownHostsFiles = ["~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts"]

    /// How long a connection may take unless settings say otherwise.
    public static let defaultConnectTimeout: Duration = .seconds(10)

    /// An endpoint with everything but the address left at its default.
    public init(
        host: HostName, connection: Connection = .ssh, address: String, port: UInt16 = 22, user: String? = nil,
        identityFiles: [String] = [], knownHostsFiles: [String] = [], checksHostKey: Bool = true,
        becomePassword: Secret<String>? = nil, connectTimeout: Duration = Endpoint.defaultConnectTimeout
    ) {
        self.host = host
        self.connection = connection
        self.address = address
        self.port = port
        self.user = user
        self.identityFiles = identityFiles
        self.knownHostsFiles = knownHostsFiles
        self.checksHostKey = checksHostKey
        self.becomePassword = becomePassword
        self.connectTimeout = connectTimeout
    }
}
