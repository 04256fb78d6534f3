import Fleet

/// The words that make the installed OpenSSH client reach a host as the inventory says.
enum OpenSSHWords {
    /// - Parameters:
    ///   - command: As in `drover run`: one word is a line for the host's shell, several are a program and its arguments;
    ///     none asks for a login shell.
    ///   - wantsTerminal: Whether a command gets a terminal too.
    static func words(for endpoint: Endpoint, command: [String], wantsTerminal: Bool) -> [String] {
        var words = options(for: endpoint, behind: endpoint.jumps)
        // Somebody said that the way is direct, whatever the user's settings are.
        if endpoint.jumps.isEmpty, endpoint.leftToUser?.contains(.jumps) == false { words += ["-o", "ProxyJump=none"] }
        if wantsTerminal, !command.isEmpty { words.append("-t") }
        words += ["--", endpoint.address]
        switch command.count {
        case 0: return words
        case 1: return words + command
        default: return words + [RemoteCommand(command).shellLine]
        }
    }

    private static func options(for endpoint: Endpoint, behind jumps: [Endpoint]) -> [String] {
        // What nobody said is the user's own settings' to say.
        let left = endpoint.leftToUser ?? []
        var words = ["ssh"] + (left.contains(.port) ? [] : ["-p", String(endpoint.port)])
        if let user = endpoint.user { words += ["-l", user] }
        for file in endpoint.identityFiles { words += ["-i", file] }
        if !endpoint.identityFiles.isEmpty { words += ["-o", "IdentitiesOnly=yes"] }
        if !endpoint.knownHostsFiles.isEmpty {
            let files = endpoint.knownHostsFiles.map(quoted).joined(separator: " ")
            words += ["-o", "UserKnownHostsFile=\(files)"]
        }
        if let alias = endpoint.hostKeyAlias { words += ["-o", "HostKeyAlias=\(alias)"] }
        if let agent = endpoint.identityAgent { words += ["-o", "IdentityAgent=\(agent)"] }
        if !endpoint.checksHostKey { words += ["-o", "StrictHostKeyChecking=no"] }
        let isUsual = endpoint.connectTimeout == Endpoint.defaultConnectTimeout
        if endpoint.leftToUser == nil ? !isUsual : !left.contains(.connectTimeout) {
            words += ["-o", "ConnectTimeout=\(max(1, endpoint.connectTimeout.components.seconds))"]
        }
        if let proxy = proxy(jumps) { words += ["-o", "ProxyCommand=\(proxy)"] }
        return words
    }

    /// The line that reaches a host through others. Not ProxyJump: that would not take their keys and known hosts along.
    private static func proxy(_ jumps: [Endpoint]) -> String? {
        guard let last = jumps.last else { return nil }
        // ssh replaces %h and %p in the line; every other per cent sign has to survive that.
        let words = (options(for: last, behind: jumps.dropLast()) + [last.address]).map {
            RemoteCommand.quote($0.replacing("%", with: "%%"))
        }
        return (words.dropLast() + ["-W", "'[%h]:%p'", "--"] + words.suffix(1)).joined(separator: " ")
    }

    /// A path with blanks in it, as ssh_config reads it.
    private static func quoted(_ path: String) -> String { path.contains(" ") ? "\"\(path)\"" : path }
}
