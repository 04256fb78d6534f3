import Fleet
import Foundation
import SSH

/// Asks everything of one host that may go wrong later.
struct Preflight: Sendable {
    let connector: any Connector
    /// Whose rights are to be tried beside the login user's, host by host.
    let privileges: [HostName: Privilege]
    private static let patience: Duration = .seconds(30)

    func checkup(_ endpoint: Endpoint) async -> HostCheckup {
        var checkup = HostCheckup(host: endpoint.host)
        do throws(TransportError) {
            let endpoint = try await Composition.completed(endpoint, by: connector)
            // Behind jump hosts nobody but them can knock; what fails on the way is told by its hop.
            if endpoint.connection == .ssh, endpoint.jumps.isEmpty {
                guard await greet(endpoint, &checkup) else { return checkup }
            }
            let transport = try await connector.transport(to: endpoint)
            if endpoint.connection == .ssh { await addLogin(endpoint, &checkup) }
            try await ask(transport, &checkup)
        } catch {
            checkup.add(Self.subject(of: error), faulty: error)
        }
        return checkup
    }

    // MARK: Before the login

    private func greet(_ endpoint: Endpoint, _ checkup: inout HostCheckup) async -> Bool {
        do throws(ServerGreeting.Fault) {
            let greeting = try await ServerGreeting.ask(endpoint)
            checkup.add(.name, .fine, endpoint.address)
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
