import Fleet

/// Why a host did not let a command have another user's rights, in one line.
struct BecomeRefusal {
    let endpoint: Endpoint
    let user: String
    /// Lines that sudo or su said.
    let said: [String]
    let exit: ShellExit

    private var method: String { endpoint.becomeMethod.rawValue }
    private var text: String { said.joined(separator: "\n").lowercased() }

    /// The error.
    var error: TransportError {
        let (reason, hints) = explanation
        return TransportError(.becomeFailed, host: endpoint.host, "could not become '\(user)': \(reason)", hints: hints)
    }

    private var explanation: (String, [String]) {
        let text = text
        func says(_ words: String...) -> Bool { words.contains { text.contains($0) } }
        if says("not in the sudoers", "may not run sudo", "is not allowed to") {
            return (
                "the host's sudoers do not let '\(endpoint.loginUser)' do that",
                ["add a rule for '\(endpoint.loginUser)' on the host (visudo), or log in as another user"]
            )
        }
        if says("must have a tty", "terminal is required", "must be run from a terminal", "no tty present") {
            let remedy =
                method == "sudo"
                ? "take 'Defaults requiretty' out of the host's sudoers (or add 'Defaults:\(endpoint.loginUser) !requiretty')"
                : "use sudo (--become-method sudo)"
            return (
                "\(method) on the host insists on a terminal, and Drover gives it none",
                ["\(remedy), or log in as the user you need"]
            )
        }
        if says("try again", "incorrect password", "authentication failure", "permission denied") {
            return wrongPassword
        }
        if says("password is required") || asksInVain {
            return (
                "\(method) wants a password, and none was given",
                [
                    "give it with -K or ansible_become_password"
                        + (method == "sudo" ? ", or allow the user NOPASSWD in the host's sudoers" : "")
                ]
            )
        }
        if says("not found") {
            return (lastLine, ["install \(method) on the host, or log in as the user you need"])
        }
        return (lastLine, ["check the host's \(method == "sudo" ? "sudoers: try 'sudo -l' there" : "users")"])
    }

    /// Whether a question stands there that nobody had an answer to.
    private var asksInVain: Bool { endpoint.becomePassword == nil && said.last?.hasSuffix(":") == true }

    private var wrongPassword: (String, [String]) {
        let owner = endpoint.becomeMethod == .sudo ? endpoint.loginUser : user
        guard endpoint.becomePassword != nil else { return (lastLine, ["give the password with -K"]) }
        return (
            "\(method) did not accept the password",
            ["it has to be that of '\(owner)'; it was tried once, so that no account is locked"]
        )
    }

    /// What the program itself said last.
    private var lastLine: String {
        let own = said.last { $0.hasPrefix("\(method):") } ?? said.suffix(3).joined(separator: "; ")
        return own.isEmpty ? exit.status.map { "\(method) ended with status \($0)" } ?? "\(method) ended" : own
    }
}
