public import Fleet

/// The words that make the installed OpenSSH client reach a host as the inventory says.
public struct OpenSSHWords: Sendable {
    private let configuration: OpenSSHClient.Configuration?

    /// - Parameter configuration: Where the user's settings stand that hold below the inventory's; `nil` leaves them out.
    public init(_ configuration: OpenSSHClient.Configuration? = .usual) { self.configuration = configuration }

    /// The program and its arguments.
    ///
    /// - Parameters:
    ///   - command: As in `drover run`: one word is a line for the host's shell, several are a program and its arguments;
    ///     none asks for a login shell.
    ///   - wantsTerminal: Whether a command gets a terminal too.
    public func words(for route: Route, command: [String], wantsTerminal: Bool) -> [String] {
        var words = options(for: route, behind: route.jumps ?? [])
        // Somebody said that the way is direct, whatever the user's settings are.
        if route.jumps?.isEmpty == true, route.proxyCommand == nil { words += ["-o", "ProxyJump=none"] }
        if wantsTerminal, !command.isEmpty { words.append("-t") }
        words += ["--", route.name]
        switch command.count {
        case 0: return words
        case 1: return words + command
        default: return words + [RemoteCommand(command).shellLine]
        }
    }

    private func options(for route: Route, behind jumps: [Route]) -> [String] {
        let said = route.settings
        var words = ["ssh"] + configurationWords
        if let port = said.port { words += ["-p", String(port)] }
        if let user = said.user { words += ["-l", user] }
        for file in said.identityFiles { words += ["-i", file] }
        if !said.identityFiles.isEmpty { words += ["-o", "IdentitiesOnly=yes"] }
        if let files = said.knownHostsFiles, !files.isEmpty {
            words += ["-o", "UserKnownHostsFile=\(files.map(Self.quoted).joined(separator: " "))"]
        }
        if let alias = said.hostKeyAlias { words += ["-o", "HostKeyAlias=\(alias)"] }
        if let agent = said.identityAgent { words += ["-o", "IdentityAgent=\(agent)"] }
        if let checks = said.checksHostKey { words += ["-o", "StrictHostKeyChecking=\(checks ? "ask" : "no")"] }
        if let shows = said.showsTicket { words += ["-o", "GSSAPIAuthentication=\(shows ? "yes" : "no")"] }
        if let time = said.connectTimeout { words += ["-o", "ConnectTimeout=\(max(1, time.components.seconds))"] }
        if let proxy = proxy(jumps) ?? route.proxyCommand { words += ["-o", "ProxyCommand=\(proxy)"] }
        return words
    }

    private var configurationWords: [String] {
        switch configuration {
        case .usual: []
        case nil: ["-F", "none"]
        case .file(let path): ["-F", path]
        }
    }

    /// The line that reaches a host through others. Not ProxyJump: that would not take their keys and known hosts along.
    private func proxy(_ jumps: [Route]) -> String? {
        guard let last = jumps.last else { return nil }
        // ssh replaces %h and %p in the line; every other per cent sign has to survive that.
        let words = (options(for: last, behind: jumps.dropLast()) + [last.name]).map {
            RemoteCommand.quote($0.replacing("%", with: "%%"))
        }
        return (words.dropLast() + ["-W", "'[%h]:%p'", "--"] + words.suffix(1)).joined(separator: " ")
    }

    /// A path with blanks in it, as ssh_config reads it.
    private static func quoted(_ path: String) -> String { path.contains(" ") ? "\"\(path)\"" : path }
}
