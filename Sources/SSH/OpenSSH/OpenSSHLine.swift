import Fleet

/// The lines that run the installed `ssh`, for a shell of this machine.
///
/// A master process has the connection. Each shell is a client of it, which is no more than a pipe to the master.
struct OpenSSHLine {
    /// Where the user's settings stand that hold below the endpoint's; `nil` leaves them out.
    let configuration: OpenSSHClient.Configuration?

    /// Ends the master, and what it started, when standard input does, so that nothing outlives this process, however
    /// it ends; and takes the folder away.
    static func guarded(_ words: [String], _ folder: ControlFolder) -> String {
        """
        exec 3<&0 </dev/null
        \(RemoteCommand(words).shellLine) 3<&- &
        m=$!
        trap '' TERM
        { read -r l <&3; kill -TERM 0; } 2>/dev/null &
        w=$!
        exec 3<&-
        wait $m
        s=$?
        { kill -9 $w; kill -TERM 0; } 2>/dev/null
        rm -rf -- \(RemoteCommand.quote(folder.path))
        exit $s
        """
    }

    /// The master that reaches `endpoint`.
    ///
    /// - Parameters:
    ///   - knowledge: Where its key is looked for.
    ///   - jump: The socket of the last host's master on the way; `nil` where there is none.
    ///   - agent: An agent that counts instead of the endpoint's.
    func master(
        of endpoint: Endpoint, in folder: ControlFolder, _ knowledge: HostKeyKnowledge, through jump: String?,
        agent: String?, _ settings: SSHSettings
    ) -> [String] {
        var options = Self.fixed + Self.pulse(settings.silenceLimit, jumps: endpoint.jumps.count)
        options += [
            "ControlPath=\(Self.escaped(folder.socket))",
            "ConnectTimeout=\(max(1, endpoint.connectTimeout.components.seconds))",
            "StrictHostKeyChecking=\(Self.checks(endpoint) ? "yes" : "no")",
            "UserKnownHostsFile=\(knowledge.files.map(Self.quoted).joined(separator: " "))",
            "GlobalKnownHostsFile=/dev/null",
        ]
        options += login(of: endpoint)
        if let alias = knowledge.name { options.append("HostKeyAlias=\(alias)") }
        if let agent = agent ?? endpoint.identityAgent { options.append("IdentityAgent=\(Self.quoted(agent))") }
        options.append("ProxyCommand=\(jump.map(Self.passage) ?? endpoint.proxyCommand ?? "none")")
        return ["ssh"] + configurationWords + ["-v", "-M", "-N", "-T"] + Self.keys(of: endpoint)
            + options.flatMap { ["-o", $0] } + ["--", endpoint.name ?? endpoint.address]
    }

    /// What only the user's own settings say stays theirs to say: their `Match` lines ask for what is known so far.
    private func login(of endpoint: Endpoint) -> [String] {
        var options: [String] = []
        if !endpoint.leftToUser.contains(.port) { options.append("Port=\(endpoint.port)") }
        if !endpoint.leftToUser.contains(.user), let user = endpoint.user { options.append("User=\(user)") }
        // Where there are no settings, nobody else can say so.
        if let shows = endpoint.showsTicket ?? (configuration == nil ? true : nil) {
            options.append("GSSAPIAuthentication=\(shows ? "yes" : "no")")
        }
        return options
    }

    /// A client of the master that listens at `socket`, which runs `line` on its host.
    static func client(of socket: String, running line: String) -> String {
        "exec " + RemoteCommand(clientWords(socket) + ["-T", "--", "host", line]).shellLine
    }

    /// Whether a host key has to be known.
    static func checks(_ endpoint: Endpoint) -> Bool { endpoint.checksHostKey || !endpoint.pinnedHostKeys.isEmpty }

    // MARK: Parts

    /// What Drover decides, whatever the user's settings say.
    private static let fixed = [
        "BatchMode=yes", "ControlMaster=yes", "ControlPersist=no", "UpdateHostKeys=no", "VerifyHostKeyDNS=no",
        "ClearAllForwardings=yes", "ForwardAgent=no", "ForwardX11=no", "RequestTTY=no", "RemoteCommand=none",
        "PermitLocalCommand=no", "Tunnel=no", "ConnectionAttempts=1", "TCPKeepAlive=yes", "NumberOfPasswordPrompts=0",
    ]

    /// How a silent host is noticed. One on the way that falls silent is found before those behind it are given up.
    private static func pulse(_ silence: Duration, jumps: Int) -> [String] {
        let seconds = max(1, silence.components.seconds)
        let interval = max(1, seconds / 3)
        return [
            "ServerAliveInterval=\(interval)",
            "ServerAliveCountMax=\((seconds + interval - 1) / interval + Int64(2 * jumps))",
        ]
    }

    /// The user's own keys are for `ssh` to find, as where nobody says anything.
    private static func keys(of endpoint: Endpoint) -> [String] {
        if endpoint.leftToUser.contains(.keys) { return [] }
        guard endpoint.identityFiles.isEmpty else {
            return endpoint.identityFiles.flatMap { ["-i", $0] } + ["-o", "IdentitiesOnly=yes"]
        }
        guard !endpoint.fallbackIdentityFiles.isEmpty else { return [] }
        // Naming any leaves out the usual ones.
        let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map { "~/.ssh/\($0)" }
        return (usual + endpoint.fallbackIdentityFiles).flatMap { ["-i", $0] }
    }

    /// A client that hands its own streams on to the host that `ssh` puts for the tokens.
    private static func passage(through socket: String) -> String {
        let words = clientWords(socket).map { RemoteCommand.quote(escaped($0)) }
        return (words + ["-W", "'[%h]:%p'", "--", "host"]).joined(separator: " ")
    }

    /// Without its master a client would connect by itself: the proxy keeps it from that.
    private static func clientWords(_ socket: String) -> [String] {
        [
            "ssh", "-F", "none", "-S", escaped(socket), "-o", "ControlMaster=no", "-o", "ProxyCommand=exit 1", "-o",
            "BatchMode=yes", "-o", "LogLevel=ERROR", "-a", "-x",
        ]
    }

    private var configurationWords: [String] {
        switch configuration {
        case .usual: []
        case nil: ["-F", "none"]
        case .file(let path): ["-F", path]
        }
    }

    /// A value in which `ssh` looks for tokens.
    private static func escaped(_ value: String) -> String { value.replacing("%", with: "%%") }

    /// A path as ssh_config reads it.
    private static func quoted(_ path: String) -> String {
        let path = escaped(path)
        return path.contains(" ") ? "\"\(path)\"" : path
    }
}
