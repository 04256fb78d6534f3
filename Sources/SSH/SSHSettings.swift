/// How connections are made and watched.
public struct SSHSettings: Sendable {
    /// How many handshakes go on at once: they are what costs, here and on the hosts. Nobody takes a place whose host has
    /// not said its first line.
    public var handshakesAtOnce: Int
    /// How many of them go through one jump host, which forwards every byte.
    public var handshakesThroughOneJump: Int
    /// How many hosts are reached through one session to a jump host, before there is another session to it. Each takes a
    /// descriptor of the process that sshd has for the session, which usually may open 1,024.
    public var tunnelsThroughOneSession: Int
    /// How long a connection may show no sign of life before it counts as lost.
    public var silenceLimit: Duration
    /// After how long a host that is still connecting gives its place to others, and goes on beside them.
    public var handshakePatience: Duration
    /// How long an upload may go without progress.
    public var stallLimit: Duration
    /// Where the user's settings for the installed `ssh` stand, when that is needed; `nil` leaves them out.
    public var configuration: OpenSSHClient.Configuration?
    /// Told once, when all connections end, which hosts the installed `ssh` was needed for.
    public var tellDetours: @Sendable ([Detour]) -> Void = { _ in }
    /// Told, from any thread, how far files are on their way to hosts.
    public var tellUploads: @Sendable (UploadProgress) -> Void = { _ in }
    /// What is taken for granted of libssh2.
    var library = SSHLibrary.installed
    /// The time by which it is remembered who kept silent.
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    /// How many handshakes go on at once unless somebody says otherwise.
    public static let usualHandshakesAtOnce = 30

    /// The settings for one controller and any number of hosts.
    public init(
        handshakesAtOnce: Int = SSHSettings.usualHandshakesAtOnce, handshakesThroughOneJump: Int = 16,
        tunnelsThroughOneSession: Int = 500,
        silenceLimit: Duration = .seconds(15), handshakePatience: Duration = .seconds(3),
        stallLimit: Duration = .seconds(120)
    ) {
        self.handshakesAtOnce = handshakesAtOnce
        self.handshakesThroughOneJump = handshakesThroughOneJump
        self.tunnelsThroughOneSession = tunnelsThroughOneSession
        self.silenceLimit = silenceLimit
        self.handshakePatience = handshakePatience
        self.stallLimit = stallLimit
    }
}
