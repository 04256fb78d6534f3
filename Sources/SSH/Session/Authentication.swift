import CLibSSH2
import Fleet
import Glibc

extension SSHSession {
    /// Logs in with the first identity that the host accepts, or with the password.
    func logIn(_ context: ConnectorContext) async throws(TransportError) {
        let store = context.identities
        // Each key that is refused counts as an attempt: where there is a password, only keys that were named are tried.
        let isByPassword = endpoint.password != nil && endpoint.identityFiles.isEmpty
        let identities = isByPassword ? [] : await store.identities(for: endpoint)
        for locked in identities.dropFirst(progress.passed) {
            progress.passed += 1
            guard let (identity, passphrase) = try await opened(locked, store) else { continue }
            let code = try await offer(identity, passphrase)
            if code == 0 {
                acceptedLogin = identity.label
                return
            }
            if isCutOff(code) {
                // One refusal too many looks like this.
                if !progress.refused.isEmpty { progress.refused.append(identity.label) }
                throw cutOffDuringLogin(left: identities.count - progress.passed + (endpoint.password == nil ? 0 : 1))
            }
            let reason = try liveHandle().lastError
            guard Self.meansRefused.contains(Int32(code)) else {
                if passphrase != nil { throw wrongPassphrase(identity) }
                throw failure(.authenticationFailed, "login with \(identity.label) failed: \(reason.lowercasedFirst)")
            }
            progress.refused.append(identity.label)
        }
        if let password = endpoint.password {
            try await logIn(with: password, progress.refused)
            acceptedLogin = "password"
            return
        }
        let trouble = await troubleWithTicket(context)
        throw noneAccepted(progress.refused, identities.filter { $0.flaw != nil }, trouble)
    }

    /// What keeps a Kerberos ticket from letting us in, where the host would take one.
    private func troubleWithTicket(_ context: ConnectorContext) async -> TicketRefusal? {
        // It says nothing any more to whom it has hung up on.
        guard endpoint.showsTicket != false, let methods = try? await offeredMethods() else { return nil }
        return TicketRefusal(
            await context.ticket.state(), among: methods, user: endpoint.loginUser, mayShow: endpoint.client == nil)
    }

    /// Whether the host had ended the connection when offering a key failed: libssh2 has a refusal's code for that too.
    private func isCutOff(_ code: Int) -> Bool {
        // Without a handle the session has been given up already.
        SessionHandle.meansCutOff(code) || (try? liveHandle())?.causeOfLoss != nil
    }

    /// The host ended the connection instead of answering.
    ///
    /// - Parameter left: How many ways to log in were not tried.
    func cutOffDuringLogin(left: Int) -> TransportError {
        progress.cutOff(left: left)
        let refused = progress.refused
        // What libssh2 says names no cause; the session may have been given up already.
        let cause = (try? liveHandle())?.causeOfLoss.map { $0 == SessionHandle.endedByHost ? "" : ": \($0)" } ?? ""
        guard refused.isEmpty else {
            return failure(
                .authenticationFailed,
                "the host ended the connection after refusing \(refused.joined(separator: ", "))\(cause)"
                    + (left > 0 ? "; \(left) more not tried" : ""),
                hints: ["it allows a few attempts (MaxAuthTries): name the right key in ansible_ssh_private_key_file"])
        }
        return failure(
            .unreachable, "the host ended the connection during login\(cause)",
            hints: ["its sshd may have failed: see the host's log; or something on the way cuts connections"])
    }

    /// The identity as it can be offered, with the passphrase that libssh2 has to open it with; `nil` when nothing opens it.
    private func opened(
        _ identity: Identity, _ store: IdentityStore
    ) async throws(TransportError) -> (Identity, passphrase: Secret<String>?)? {
        if identity.flaw == nil { return (identity, nil) }
        guard identity.flaw == IdentityFile.lockedFlaw,
            let passphrase = endpoint.passphrase ?? store.passphrase(of: identity.label)
        else { return nil }
        switch await store.ring.open(identity.label, with: passphrase) {
        case .opened(let agent):
            let source = identity.publicKey == nil ? identity.source : .agent(agent)
            return (
                Identity(source: source, publicKey: identity.publicKey, label: identity.label),
                identity.publicKey == nil ? passphrase : nil
            )
        case .wrongPassphrase: throw wrongPassphrase(identity)
        case .unavailable: return (identity, passphrase)
        }
    }

    private static let meansRefused: Set<Int32> = [
        LIBSSH2_ERROR_AUTHENTICATION_FAILED, LIBSSH2_ERROR_PUBLICKEY_UNVERIFIED,
    ]

    private func offer(_ identity: Identity, _ passphrase: Secret<String>?) async throws(TransportError) -> Int {
        switch identity.source {
        case .file(let text): try await offer(text, passphrase)
        case .key(let key): try await offer(identity, signing: Signer(key))
        case .agent(let agent):
            try await offer(identity, signing: Signer(agent, identity.publicKey ?? []) { [weak self] in self?.wake() })
        }
    }

    private func offer(_ text: [UInt8], _ passphrase: Secret<String>?) async throws(TransportError) -> Int {
        let session = try liveHandle().raw
        let user = endpoint.loginUser
        return try await call("login") {
            text.withUnsafeBytes { key in
                let start = key.bindMemory(to: CChar.self).baseAddress
                return Int(
                    libssh2_userauth_publickey_frommemory(
                        session, user, user.utf8.count, nil, 0, start, key.count, passphrase?.reveal()))
            }
        }
    }

    private func offer(
        _ identity: Identity, signing signer: Signer
    ) async throws(TransportError) -> Int {
        guard let key = identity.publicKey else { return Int(LIBSSH2_ERROR_AUTHENTICATION_FAILED) }
        let session = try liveHandle().raw
        let user = endpoint.loginUser
        let kept = Unmanaged.passRetained(signer)
        defer { kept.release() }
        var context: UnsafeMutableRawPointer? = kept.toOpaque()
        return try await call("login") {
            Int(libssh2_userauth_publickey(session, user, key, key.count, sign, &context))
        }
    }

    private func noneAccepted(
        _ refused: [String], _ flawed: [Identity], _ ticket: TicketRefusal?
    ) -> TransportError {
        if let ticket, ticket.isAllThatCounts {
            return failure(.authenticationFailed, ticket.message, hints: ticket.hints)
        }
        var hints = (ticket?.hints ?? []) + flawed.map { "\($0.label) \($0.flaw ?? "")" }
        if flawed.contains(where: { $0.flaw == settings.library.flawOfRSA }) {
            hints.append("make an ed25519 key (ssh-keygen -t ed25519) and put it on the host (ssh-copy-id)")
        } else if flawed.contains(where: { $0.flaw == IdentityFile.lockedFlaw }) {
            hints.append("unlock it with: ssh-add KEY, or set ansible_ssh_private_key_passphrase")
        }
        let user = endpoint.loginUser
        guard !refused.isEmpty else {
            return failure(
                .authenticationFailed, "no key to log in with as '\(user)'",
                hints: hints + ["set ansible_ssh_private_key_file, or start ssh-agent and ssh-add a key"])
        }
        return failure(
            .authenticationFailed,
            "the host accepted none of the keys for '\(user)': \(refused.joined(separator: ", "))",
            hints: hints + Self.hints(afterRefusing: user))
    }

    /// What may be wrong where a host takes none of the keys.
    static func hints(afterRefusing user: String) -> [String] {
        [
            "is the public key in ~\(user)/.ssh/authorized_keys on the host, and is the user right?",
            "a locked account ('!' in the host's /etc/shadow) is let in by no key where sshd has UsePAM no: "
                + "usermod -p '*' \(user)",
        ]
    }
}
