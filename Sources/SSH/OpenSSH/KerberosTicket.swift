import Fleet
import Foundation
import Glibc
import Synchronization

/// Whether the user has a Kerberos ticket to log in with.
enum KerberosTicket: Sendable {
    case none, expired, valid

    /// What Kerberos' own program says; where there is none, what can be told without.
    static func found() async -> Self {
        let environment = ProcessInfo.processInfo.environment
        // A ticket is got by that where there is none.
        if environment["KRB5_CLIENT_KTNAME"]?.isEmpty == false { return .valid }
        switch await answer() {
        case 0: return .valid
        case 1: return .expired
        case 2: return .none
        default: return await offTheLoop { mayBeThere(environment) } ? .valid : .none
        }
    }

    private static let question = """
        command -v klist || exit 3
        klist -s && exit
        klist && exit 1
        exit 2
        """
    /// Caches may be kept by a service that does not answer.
    private static let patience: Duration = .seconds(5)

    private static func answer() async -> Int32? {
        // The name is one that a host may have.
        guard let name = try? HostName("localhost") else { return nil }
        let endpoint = Endpoint(host: name, connection: .local, address: "localhost")
        let machine = LocalTransport(endpoint, ConnectorContext(SSHSettings()), on: LoopGroup.shared.next())
        // Who says nothing in time is done without.
        let answer = try? await machine.run(
            RemoteCommand(shell: "{ \(question)\n} >/dev/null 2>&1", deadline: patience), outputLimit: .kibibytes(4))
        await machine.close()
        return answer?.status
    }

    /// Of caches that are no files (KEYRING:, KCM:) only a name that somebody set speaks.
    private static func mayBeThere(_ environment: [String: String]) -> Bool {
        let named = environment["KRB5CCNAME"] ?? ""
        guard named.isEmpty else {
            let path = named.hasPrefix("FILE:") ? String(named.dropFirst(5)) : named
            return path.hasPrefix("/") ? FileManager.default.fileExists(atPath: path) : true
        }
        let settings = (environment["KRB5_CONFIG"] ?? "/etc/krb5.conf").split(separator: ":").contains { file in
            let text = FileManager.default.contents(atPath: String(file)).map { String(decoding: $0, as: UTF8.self) }
            return text?.contains("default_ccache_name") == true
        }
        return settings || FileManager.default.fileExists(atPath: "/tmp/krb5cc_\(getuid())")
    }
}

/// Finds out once whether there is a ticket, and when it is first asked.
final class TicketCheck: Sendable {
    private let answer = Mutex<Task<KerberosTicket, Never>?>(nil)

    func state() async -> KerberosTicket {
        let task = answer.withLock { answer in
            if let answer { return answer }
            // Shared by all who ask, so no caller's cancellation may end it.
            let task = Task.detached { await KerberosTicket.found() }
            answer = task
            return task
        }
        return await task.value
    }
}
