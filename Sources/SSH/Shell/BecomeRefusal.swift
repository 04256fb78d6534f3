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
        if says(Self.forbidden) {
            return (
                "the host's \(rules) do not let '\(endpoint.loginUser)' do that",
                ["add a rule for '\(endpoint.loginUser)' on the host (\(editor)), or log in as another user"]
            )
        }
        // Those of sudo-rs sound like an insisting on terminals, so they come first.
        if says(Self.lacking) || asksInVain { return lackOfPassword }
        if says(Self.terminal) {
            return (
                "\(method) on the host insists on a terminal, and Drover gives it none",
                ["\(remedyForTerminal), or log in as the user you need"]
            )
        }
        if says(Self.wrong) { return wrongPassword }
        if says(unknownUser) {
            return ("the host has no user '\(user)'", ["make the user there, or name another one (become_user)"])
        }
        if says(Self.powerless) {
            return (
                lastLine,
                ["mend \(method) on the host: chown root, chmod 4755; and its file system must not be mounted nosuid"]
            )
        }
        if says(["not found"]) {
            return (lastLine, ["install \(method) on the host, or log in as the user you need"])
        }
        return (lastLine, ["check the host's \(endpoint.becomeMethod == .su ? "users" : "\(rules)\(trial)")"])
    }

    private func says(_ words: [String]) -> Bool {
        let text = text
        return words.contains { text.contains($0) }
    }

    private var trial: String { endpoint.becomeMethod == .sudo ? ": try 'sudo -l' there" : "" }

    /// sudo's, sudo-rs's ("I'm sorry …"), doas's and polkit's words for somebody who may not.
    private static let forbidden = [
        "not in the sudoers", "may not run", "is not allowed to", "i'm afraid i can't do that",
        "doas: operation not permitted", "access denied",
    ]
    /// sudo's, sudo-rs's of several versions, doas's and polkit's words for a password that was not given.
    private static let lacking = [
        "password is required", "interactive authentication is required", "interactive authentication required",
        "interaction is required", "a terminal is required to authenticate",
        "authentication required but not attempted", "doas: authentication required", "doas: authorization required",
        "doas: a tty is required",
    ]
    private static let terminal = [
        "must have a tty", "terminal is required", "must be run from a terminal", "no tty present",
    ]
    private static let wrong = [
        "try again", "incorrect password", "incorrect authentication attempt", "authentication failure",
        "authentication failed", "permission denied",
    ]

    /// sudo's and doas's words, then sudo-rs's and su's, for a user whom the host does not have.
    private var unknownUser: [String] {
        let name = user.lowercased()
        return [
            "unknown user", "user '\(name)' not found", "user \(name) does not exist",
            "no passwd entry for user '\(name)'",
        ]
    }

    /// Those of programs that have no rights of root's.
    private static let powerless = ["setuid bit set", "effective uid is not 0", "not installed setuid"]

    private var rules: String {
        switch endpoint.becomeMethod {
        case .sudo, .su: "sudoers"
        case .doas: "doas.conf"
        case .run0: "polkit rules"
        }
    }

    private var editor: String {
        switch endpoint.becomeMethod {
        case .sudo, .su: "visudo"
        case .doas: "/etc/doas.conf"
        case .run0: "/etc/polkit-1/rules.d"
        }
    }

    private var remedyForTerminal: String {
        endpoint.becomeMethod == .sudo
            ? "take 'Defaults requiretty' out of the host's sudoers (or add 'Defaults:\(endpoint.loginUser) !requiretty')"
            : "use sudo (--become-method sudo)"
    }

    private var lackOfPassword: (String, [String]) {
        let user = endpoint.loginUser
        switch endpoint.becomeMethod {
        case .sudo:
            return (
                "sudo wants a password, and none was given",
                ["give it with -K or ansible_become_password, or allow the user NOPASSWD in the host's sudoers"]
            )
        case .su: return ("su wants a password, and none was given", ["give it with -K or ansible_become_password"])
        case .doas:
            return (
                "doas wants a password, which it takes at a terminal only",
                ["let it do without in the host's doas.conf: permit nopass \(user)"]
            )
        case .run0:
            return (
                "run0 wants a password, which polkit takes at a terminal only",
                ["let polkit do without for '\(user)' (a rule for org.freedesktop.systemd1.manage-units), or use sudo"]
            )
        }
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
        let own =
            said.last { $0.hasPrefix("\(method):") || $0.hasPrefix("\(method)-rs:") }
            ?? said.suffix(3).joined(separator: "; ")
        return own.isEmpty ? exit.status.map { "\(method) ended with status \($0)" } ?? "\(method) ended" : own
    }
}
