import Fleet
import Inventories
import SSH

/// The user's own settings for OpenSSH, below what the inventory and the flags say.
struct UserSettings: Sendable {
    private let client: OpenSSHClient?

    /// - Parameter choice: `$DROVER_SSH_CONFIG`: `none` for no settings, or a file instead of the usual ones.
    init(_ choice: String?) {
        switch choice {
        case nil, "": client = OpenSSHClient()
        case "none": client = nil
        case let file?: client = OpenSSHClient(.file(file))
        }
    }

    /// Private keys that the settings name, for whichever host.
    var keyFiles: [String] { client?.keyFiles ?? [] }

    /// `endpoint`, with what the user's settings say about it and the hosts on the way to it.
    /// - Throws: ``TransportError`` `.unsupported` for what can't be honoured, and when `ssh` does not answer.
    func completed(_ endpoint: Endpoint) async throws(TransportError) -> Endpoint {
        guard let client, endpoint.connection == .ssh else { return endpoint }
        return try await completed(endpoint, by: client, avoiding: [])
    }

    /// - Parameter hosts: Those that the way leads to: none of them is on its own way, though `Host *` may say so.
    private func completed(
        _ endpoint: Endpoint, by client: OpenSSHClient, avoiding hosts: Set<HostName>
    ) async throws(TransportError) -> Endpoint {
        var endpoint = endpoint
        let unsaid = endpoint.leftToUser
        endpoint.leftToUser = nil
        let settings: ClientSettings?
        if let unsaid {
            settings = try await client.settings(
                for: endpoint.address, user: endpoint.user, port: unsaid.contains(.port) ? nil : endpoint.port,
                host: endpoint.host)
        } else {
            settings = nil
        }
        if let settings, let unsaid {
            endpoint = settings.applied(to: endpoint, where: unsaid)
            if unsaid.contains(.jumps), endpoint.jumps.isEmpty {
                endpoint.jumps = try jumps(settings, before: endpoint)
            }
        }
        endpoint.jumps = try await hops(endpoint.jumps, by: client, avoiding: hosts.union([endpoint.host]))
        return endpoint
    }

    /// Only the first hop may itself be reached through others: the later ones are reached through those before them.
    private func hops(
        _ jumps: [Endpoint], by client: OpenSSHClient, avoiding hosts: Set<HostName>
    ) async throws(TransportError) -> [Endpoint] {
        var hops: [Endpoint] = []
        for var jump in jumps where !hosts.contains(jump.host) {
            if !hops.isEmpty { jump.leftToUser?.remove(.jumps) }
            jump = try await completed(jump, by: client, avoiding: hosts)
            hops += jump.jumps
            jump.jumps = []
            hops.append(jump)
        }
        return hops
    }

    private func jumps(_ settings: ClientSettings, before target: Endpoint) throws(TransportError) -> [Endpoint] {
        do throws(InputError) {
            var points: [JumpPoint] = []
            if let list = settings.proxyJump { points = try JumpPoint.list(list) }
            if let command = settings.proxyCommand { points = try JumpPoint.ofCommand(command) }
            var target = target
            target.leftToUser = []
            return try points.map { point throws(InputError) in
                point.endpoint(try HostName(point.host), before: target)
            }
        } catch {
            throw TransportError(
                .unsupported, host: target.host, "the user's settings for ssh hold \(error.message)", hints: error.hints
            )
        }
    }
}

extension ClientSettings {
    /// `endpoint` with these settings where it says nothing itself.
    fileprivate func applied(to endpoint: Endpoint, where unsaid: Set<Endpoint.Setting>) -> Endpoint {
        var endpoint = endpoint
        endpoint.address = address ?? endpoint.address
        endpoint.user = endpoint.user ?? user
        if unsaid.contains(.port), let port { endpoint.port = port }
        if unsaid.contains(.hostKeyChecking), let checksHostKey { endpoint.checksHostKey = checksHostKey }
        if unsaid.contains(.connectTimeout), let connectTimeout { endpoint.connectTimeout = .seconds(connectTimeout) }
        if endpoint.identityFiles.isEmpty { endpoint.identityFiles = identityFiles }
        if endpoint.knownHostsFiles.isEmpty { endpoint.knownHostsFiles = knownHostsFiles }
        endpoint.hostKeyAlias = endpoint.hostKeyAlias ?? hostKeyAlias
        endpoint.identityAgent = endpoint.identityAgent ?? agent
        return endpoint
    }
}
