import Foundation

/// What every connection of a connector shares.
struct Surroundings: Sendable {
    let settings: SSHSettings
    let handshakes: Limiter
    let resolver = Resolver()
    let hostKeys = HostKeyStore()
    let identities = IdentityStore()
    let digests = FileDigests()
    let jumps = JumpHosts()

    init(_ settings: SSHSettings) {
        self.settings = settings
        handshakes = Limiter(settings.handshakesAtOnce)
        _ = DescriptorLimit.count
    }

    /// The user who runs Drover.
    static let currentUser = NSUserName()

    static func expandingHome(_ path: String) -> String {
        path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
    }
}
