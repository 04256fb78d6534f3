import CLibSSH2
import Fleet
import Glibc

extension SSHSession {
    /// Logs in with a password, by whichever way the host offers. It is tried once, so that no account is locked.
    func logIn(with password: Secret<String>, _ refusedKeys: [String]) async throws(TransportError) {
        let offered = try await offeredMethods()
        let code: Int
        if offered.contains("password") {
            code = try await offer(password)
        } else if offered.contains("keyboard-interactive") {
            code = try await answerQuestions(with: password)
        } else {
            throw failure(
                .authenticationFailed, "the host takes no passwords, only: \(offered.joined(separator: ", "))",
                hints: ["install a key with ssh-copy-id, and name it in ansible_ssh_private_key_file"])
        }
        // It may have been tried: no other connection goes on from here.
        if SessionHandle.meansCutOff(code) { throw cutOffDuringLogin(left: 0) }
        if code != 0 { throw refusal(Int32(code), try liveHandle().lastError, refusedKeys) }
    }

    /// The ways to log in that the host offers now.
    func offeredMethods() async throws(TransportError) -> [String] {
        let session = try liveHandle().raw
        let user = endpoint.loginUser
        var names = ""
        _ = try await call("login") {
            guard let list = libssh2_userauth_list(session, user, UInt32(user.utf8.count)) else {
                return Int(libssh2_session_last_errno(session))
            }
            names = String(cString: list)
            return 0
        }
        return names.split(separator: ",").map(String.init)
    }

    private func offer(_ password: Secret<String>) async throws(TransportError) -> Int {
        let session = try liveHandle().raw
        let user = endpoint.loginUser
        let text = password.reveal()
        return try await call("login") {
            Int(
                libssh2_userauth_password_ex(
                    session, user, UInt32(user.utf8.count), text, UInt32(text.utf8.count), nil))
        }
    }

    private func answerQuestions(with password: Secret<String>) async throws(TransportError) -> Int {
        let handle = try liveHandle()
        let user = endpoint.loginUser
        let text = strdup(password.reveal())
        defer {
            handle.answer = nil
            if let text { explicit_bzero(text, strlen(text)) }
            free(text)
        }
        handle.answer = text.map { UnsafePointer($0) }
        return try await call("login") {
            Int(drover_keyboard_interactive(handle.raw, user, UInt32(user.utf8.count)))
        }
    }

    private func refusal(_ code: Int32, _ reason: String, _ refusedKeys: [String]) -> TransportError {
        let user = endpoint.loginUser
        switch code {
        case LIBSSH2_ERROR_PASSWORD_EXPIRED:
            return failure(
                .authenticationFailed, "the password of '\(user)' has expired",
                hints: ["log in once with ssh and change it"])
        case LIBSSH2_ERROR_AUTHENTICATION_FAILED:
            let keys = refusedKeys.isEmpty ? "" : ", nor any of the keys: \(refusedKeys.joined(separator: ", "))"
            return failure(
                .authenticationFailed, "the host did not accept the password for '\(user)'" + keys,
                hints: ["it was tried once, so that no account is locked; is the user right, and may it log in?"])
        default: return failure(.authenticationFailed, "login with a password failed: \(reason.lowercasedFirst)")
        }
    }

    /// A key file that its passphrase does not open.
    func wrongPassphrase(_ identity: Identity) -> TransportError {
        failure(
            .authenticationFailed, "the passphrase does not open \(identity.label)",
            hints: ["check it with: ssh-keygen -y -f \(identity.label)"])
    }
}
