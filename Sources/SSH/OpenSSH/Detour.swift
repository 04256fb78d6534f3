public import Fleet
import Synchronization

/// That the installed `ssh` speaks with a host in place of libssh2.
public struct Detour: Hashable, Sendable {
    /// The host.
    public let host: HostName
    /// What libssh2 can't do there, without naming the host.
    public let reason: String
}

/// Finds what libssh2 can't do for a host and the installed `ssh` may be able to.
struct DetourSearch {
    let endpoint: Endpoint
    let context: ConnectorContext

    private var library: SSHLibrary { context.settings.library }

    /// Everything on the way, the host itself last.
    private var way: [Endpoint] { endpoint.jumps + [endpoint] }

    /// Why it must not even be tried with libssh2; `nil` when it may be.
    var beforehand: String? {
        if endpoint.client == .openssh { return Self.chosen }
        if way.contains(where: { $0.proxyCommand != nil }) { return "libssh2 runs no ProxyCommand" }
        if way[0].wants.contains(.boundAddress) {
            return "libssh2 leaves by no address of choice (BindAddress, BindInterface)"
        }
        return way.contains { $0.wants.contains(.revokedKeys) }
            ? "libssh2 looks at no list of revoked keys (RevokedHostKeys)" : nil
    }

    /// The reason where somebody chose so.
    static let chosen = "it is chosen"

    /// Why `ssh` may get further than where libssh2 ended with `error`; `nil` when it would not.
    func reason(after error: TransportError) async -> String? {
        switch error.code {
        case .unsupported: return "\(library.name) has no algorithm in common with the host's sshd"
        case .hostKeyUnknown, .hostKeyMismatch:
            for place in way {
                if let reason = await hostKeyReason(place) { return reason }
            }
        case .authenticationFailed where endpoint.password == nil:
            for place in way {
                if let reason = await loginReason(place) { return reason }
            }
        default: break
        }
        return nil
    }

    private func hostKeyReason(_ place: Endpoint) async -> String? {
        if place.wants.contains(.keyCommand) { return "libssh2 asks no program for host keys (KnownHostsCommand)" }
        // What can't be read was the error already.
        guard let known = try? await context.hostKeys.known(for: place) else { return nil }
        if known.entries.contains(where: { $0.marker == .authority }) {
            return "libssh2 checks no host certificates (@cert-authority)"
        }
        guard known.algorithms.contains(.rsa), !library.signsRSAWithSHA2 else { return nil }
        return "\(library.name) takes a host's RSA key only with SHA-1"
    }

    private func loginReason(_ place: Endpoint) async -> String? {
        let identities = await context.identities.identities(for: place)
        if identities.contains(where: \.hasCertificate) { return "libssh2 logs in with no certificate" }
        if identities.contains(where: { $0.flaw == IdentityFile.fidoFlaw }) { return "libssh2 signs with no FIDO key" }
        if let flaw = library.flawOfRSA, identities.contains(where: { $0.flaw == flaw }) {
            return "\(library.name) signs with RSA keys only by SHA-1"
        }
        if place.wants.contains(.certificate) { return "libssh2 logs in with no certificate" }
        if place.wants.contains(.token) { return "libssh2 signs with no key in a token (PKCS11Provider)" }
        if place.wants.contains(.hostBased) { return "libssh2 has no word of this machine's (HostbasedAuthentication)" }
        guard place.showsTicket != false, case .valid = await context.ticket.state() else { return nil }
        return "libssh2 shows no Kerberos ticket (GSSAPI)"
    }
}

extension TransportError {
    /// Whether it is one of those that the installed `ssh` gets around on some hosts.
    var mayBeMended: Bool {
        let codes: [Code] = [.unsupported, .hostKeyUnknown, .hostKeyMismatch, .authenticationFailed]
        return codes.contains(code)
    }
}

/// The detours that nobody has been told of.
final class DetourList: Sendable {
    private let untold = Mutex<[Detour]>([])

    func add(_ detour: Detour) { untold.withLock { $0.append(detour) } }

    /// All of them, once; choices are no news.
    func take() -> [Detour] {
        untold.withLock { untold in
            defer { untold = [] }
            return untold.filter { $0.reason != DetourSearch.chosen }
        }
    }
}
