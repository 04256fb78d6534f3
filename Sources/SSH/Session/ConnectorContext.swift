import Fleet
import Foundation

/// What every connection of a connector shares.
struct ConnectorContext: Sendable {
    let settings: SSHSettings
    let handshakes: AsyncSemaphore
    let doors: Doors
    let silences: Silences
    let resolver = Resolver()
    let hostKeys = HostKeyStore()
    let identities: IdentityStore
    let digests = FileDigests()
    let jumps = JumpHosts()
    let masters = JumpMasters()
    let detours = DetourList()
    let ticket = TicketCheck()

    init(_ settings: SSHSettings) {
        self.settings = settings
        handshakes = AsyncSemaphore(settings.handshakesAtOnce)
        silences = Silences(now: settings.now)
        identities = IdentityStore(settings.library)
        doors = Doors(places: settings.handshakesAtOnce)
        _ = DescriptorLimit.count
    }

    /// The user who runs Drover.
    static let currentUser = NSUserName()
}
