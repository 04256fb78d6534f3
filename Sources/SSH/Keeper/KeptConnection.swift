import CLibSSH2
import Fleet
import Foundation
import Glibc
import Values

/// A connection that outlives the command that made it. At any moment it serves one command, or none.
final class KeptConnection: Sendable {
    /// What has to be the same for another command to get it.
    struct Identity: Hashable {
        let endpoint: EndpointRecord
        let configuration: OpenSSHClient.Configuration?
        /// The files that say whom to trust, as they were when the connection was made.
        let files: [FileStamp]
    }

    let identity: Identity
    let transport: SSHTransport
    /// The connector that made it, with the jump hosts on the way.
    let origin: KeptOrigin
    let since: Timestamp
    let began = ContinuousClock.now

    init(_ identity: Identity, _ transport: SSHTransport, from origin: KeptOrigin, at since: Timestamp) {
        (self.identity, self.transport, self.origin, self.since) = (identity, transport, origin, since)
    }
}

/// The connector of one command, which ends when the last of its connections does.
final class KeptOrigin: Sendable {
    let connector: SSHConnector

    init(_ settings: SSHSettings) { connector = SSHConnector(settings: settings) }

    deinit {
        // Nobody waits for the jump hosts' goodbye.
        Task { [connector] in await connector.closeAll() }
    }

    /// A connection that nobody else has.
    func connected(to endpoint: Endpoint) async throws(TransportError) -> SSHTransport {
        let transport = SSHTransport(to: endpoint, connector.context, on: LoopGroup.shared.next())
        try await transport.connect()
        return transport
    }

    /// Forgets keys, and which hosts are trusted: only who logs in needs them, and then reads them anew.
    func forget() {
        connector.context.identities.forget()
        connector.context.hostKeys.forget()
    }
}

/// What tells one state of a file from another; a file that is not there has one state too.
struct FileStamp: Hashable {
    private let path: String
    private var inode: UInt64 = 0
    private var size: Int64 = 0
    private var changes: [Int] = []

    init(_ path: String) {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        changes = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    /// The files with host keys that connecting to an endpoint depends on.
    static func known(for endpoint: Endpoint) -> [Self] {
        (endpoint.jumps + [endpoint]).flatMap { KnownHosts.files(for: $0) }.map(Self.init)
    }

    /// The files with the user's own settings for OpenSSH, those that are included too.
    static func settings(_ configuration: OpenSSHClient.Configuration?) -> [Self] {
        configuration.map { ClientConfiguration($0).files.map(Self.init) } ?? []
    }
}
