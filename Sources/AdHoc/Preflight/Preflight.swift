import Fleet
import Foundation
import Inventories

/// Asks everything of one host that may go wrong later.
struct Preflight: Sendable {
    let dialer: Dialer
    let server: any ServerInspecting
    /// Whose rights are to be tried beside the login user's, host by host.
    let privileges: [HostName: Privilege]
    /// Whoever is logged in to has a place; a host that doesn't answer takes nobody's.
    let places: AsyncSemaphore
    private static let patience: Duration = .seconds(30)

    /// Looks at a host that is reached as `endpoint` says, where all jump hosts before it are in order.
    func checkup(_ endpoint: Endpoint) async -> HostCheckup {
        var checkup = HostCheckup(host: endpoint.host, through: endpoint.jumps.map(\.host))
        do throws(TransportError) {
            guard await isThere(endpoint, &checkup), let place = await places.acquire() else { return checkup }
            defer { place.release() }
            try await ask(try await reach(endpoint, &checkup), &checkup)
        } catch {
            checkup.add(Self.subject(of: error), faulty: error)
        }
        return checkup
    }

    /// Looks at a host that others are reached through, which need not let anybody run commands.
    func checkup(_ jump: JumpHostToCheck) async -> HostCheckup {
        var checkup = HostCheckup(
            host: jump.endpoint.host, through: jump.endpoint.jumps.map(\.host), behind: jump.behind)
        do throws(TransportError) {
            guard await isThere(jump.endpoint, &checkup), let place = await places.acquire() else { return checkup }
            defer { place.release() }
            _ = try await reach(jump.endpoint, &checkup)
        } catch {
            let error = TransportError(error.code, host: error.host, error.message, hints: jump.hints(of: error))
            checkup.add(Self.subject(of: error), faulty: error)
        }
        return checkup
    }

    /// Logs in.
    private func reach(
        _ endpoint: Endpoint, _ checkup: inout HostCheckup
    ) async throws(TransportError) -> any Transport {
        let transport = try await dialer.connector.transport(to: endpoint)
        if endpoint.connection == .ssh { await addLogin(endpoint, &checkup) }
        return transport
    }

    // MARK: Before the login

    /// Whether a host can be talked to; why not is said.
    private func isThere(_ endpoint: Endpoint, _ checkup: inout HostCheckup) async -> Bool {
        guard endpoint.connection == .ssh else { return true }
        do throws(ServerProbeError) {
            let identification = try await server.probe(endpoint)
            if endpoint.jumps.isEmpty { checkup.add(.name, .fine, endpoint.address) }
            checkup.add(.port, .fine, identification.address)
            checkup.add(.banner, .fine, identification.banner)
            checkup.add(.algorithms, .fine, identification.detour ?? "enough in common")
            return true
        } catch {
            for (stage, subject) in zip(ServerIdentification.Stage.allCases, Self.stages) {
                guard stage == error.stage else {
                    checkup.add(subject, .fine, "")
                    continue
                }
                checkup.add(subject, faulty: error.cause)
                break
            }
            return false
        }
    }

    private static let stages: [HostCheck.Subject] = [.name, .port, .banner, .algorithms]

    // MARK: The login

    private func addLogin(_ endpoint: Endpoint, _ checkup: inout HostCheckup) async {
        let facts = await server.login(to: endpoint)
        let key = facts?.hostKey ?? ""
        if let detour = facts?.detour { checkup.add(.way, .fine, "reached by the installed ssh, as \(detour)") }
        if endpoint.checksHostKey {
            checkup.add(.hostKey, .fine, key)
        } else {
            checkup.add(
                .hostKey, .doubtful, "host key not checked: \(key)",
                "take StrictHostKeyChecking=no out of the inventory, and run: drover trust \(endpoint.host)")
        }
        checkup.add(.login, .fine, [endpoint.user, facts?.accepted].compactMap(\.self).joined(separator: " with "))
    }

    private static func subject(of error: TransportError) -> HostCheck.Subject {
        switch error.code {
        case .hostKeyUnknown, .hostKeyMismatch: .hostKey
        case .authenticationFailed: .login
        case .becomeFailed: .become
        default: .login
        }
    }

    // MARK: After the login

    private func ask(_ transport: any Transport, _ checkup: inout HostCheckup) async throws(TransportError) {
        let rights = await addBecome(transport, &checkup)
        let answer = try await transport.run(
            RemoteCommand(shell: HostFacts.question, privilege: rights, deadline: Self.patience))
        let sections = HostFacts.sections(answer.text)
        HostFacts.addTools(sections["tools"] ?? [], to: &checkup)
        HostFacts.addDisk(sections["disk"] ?? [], to: &checkup)
        // On the shell that is open by now, so that the answer is not late.
        let before = Date().timeIntervalSince1970
        let time = try await transport.run(
            RemoteCommand(shell: "date +%s.%N", privilege: rights, deadline: Self.patience))
        HostFacts.addClock(time.text, before: before, after: Date().timeIntervalSince1970, to: &checkup)
        HostFacts.addLimits(sections["sshd"] ?? [], to: &checkup)
    }

    /// - Returns: The rights that the questions are asked with.
    private func addBecome(_ transport: any Transport, _ checkup: inout HostCheckup) async -> Privilege {
        guard let privilege = privileges[transport.host], case .become(let user) = privilege else {
            checkup.add(.become, .unasked, "not asked for (-b), or not needed")
            return .login
        }
        do throws(TransportError) {
            _ = try await transport.run(RemoteCommand(shell: ":", privilege: privilege, deadline: Self.patience))
            checkup.add(.become, .fine, "may become \(user)")
            return privilege
        } catch {
            checkup.add(.become, faulty: error)
            return .login
        }
    }
}
