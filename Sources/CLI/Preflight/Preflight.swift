import Fleet
import Foundation
import SSH

/// Asks everything of one host that may go wrong later.
struct Preflight: Sendable {
    let connector: any Connector
    /// Whose rights are to be tried beside the login user's, host by host.
    let privileges: [HostName: Privilege]
    private static let patience: Duration = .seconds(30)

    /// Looks at a host that is reached as `endpoint` says, where all jump hosts before it are in order.
    func checkup(_ endpoint: Endpoint) async -> HostCheckup {
        var checkup = HostCheckup(host: endpoint.host, through: endpoint.jumps.map(\.host))
        do throws(TransportError) {
            guard let transport = try await reach(endpoint, &checkup) else { return checkup }
            try await ask(transport, &checkup)
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
            _ = try await reach(jump.endpoint, &checkup)
        } catch {
            let error = TransportError(error.code, host: error.host, error.message, hints: jump.hints(of: error))
            checkup.add(Self.subject(of: error), faulty: error)
        }
        return checkup
    }

    /// - Returns: The way to the host; `nil` when that is what is wrong, and was said.
    private func reach(
        _ endpoint: Endpoint, _ checkup: inout HostCheckup
    ) async throws(TransportError) -> (any Transport)? {
        if endpoint.connection == .ssh {
            guard await greet(endpoint, &checkup) else { return nil }
        }
        let transport = try await connector.transport(to: endpoint)
        if endpoint.connection == .ssh { await addLogin(endpoint, &checkup) }
        return transport
    }

    // MARK: Before the login

    private func greet(_ endpoint: Endpoint, _ checkup: inout HostCheckup) async -> Bool {
        do throws(ServerGreeting.Fault) {
            guard let greeting = try await Composition.greeting(connector, of: endpoint) else { return true }
            if endpoint.jumps.isEmpty { checkup.add(.name, .fine, endpoint.address) }
            checkup.add(.port, .fine, greeting.address)
            checkup.add(.banner, .fine, greeting.banner)
            checkup.add(.algorithms, .fine, "enough in common")
            return true
        } catch {
            for (stage, subject) in zip(ServerGreeting.Stage.allCases, Self.greetings) {
                guard stage == error.stage else {
                    checkup.add(subject, .fine, "")
                    continue
                }
                checkup.add(subject, faulty: error.error)
                break
            }
            return false
        }
    }

    private static let greetings: [HostCheck.Subject] = [.name, .port, .banner, .algorithms]

    // MARK: The login

    private func addLogin(_ endpoint: Endpoint, _ checkup: inout HostCheckup) async {
        let facts = await Composition.login(connector, to: endpoint)
        let key = facts?.hostKey.map { "\($0.algorithm.name) \($0.fingerprint)" } ?? ""
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
            checkup.add(.become, .unasked, "not asked for (-b)")
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
