import Foundation
import Glibc

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
        Self.raiseDescriptorLimit()
    }

    /// The user who runs Drover.
    static let currentUser = NSUserName()

    static func expandingHome(_ path: String) -> String {
        path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
    }

    /// A connection takes a descriptor; the system's usual soft limit of 1,024 is far below its hard one.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = min(limit.rlim_max, 1 << 20)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
