import Fleet
import Values

/// A host to go through, as the arguments for OpenSSH's client name it.
struct JumpPoint: Hashable, Sendable {
    /// A name of the inventory, a name to resolve, or an address.
    var host: String
    /// What is said about it; the user `%r` stands for the one of the host that is reached.
    var settings = ConnectionSettings()

    /// The points that the way leads through; `nil` for a command of which only that is known that it leads there.
    /// - Throws: ``InputError`` for what is none.
    static func points(of proxy: ConnectionSettings.Proxy) throws(InputError) -> [JumpPoint]? {
        switch proxy {
        case .jump(let text): try list(text)
        case .command(let text): ofCommand(text)
        }
    }

    /// The way to it as nothing but its name says, before `target`, whose keys and known hosts count after its own.
    /// - Throws: ``InputError`` for a name that is no host's.
    func route(before target: Endpoint) throws(InputError) -> Route {
        var route = Route(host: try HostName(host), name: host, settings: settings(before: target))
        route.fallbackIdentityFiles = target.identityFiles
        route.fallbackKnownHostsFiles = target.knownHostsFiles
        return route
    }

    /// What is said about it on the way to `target`.
    func settings(before target: Endpoint) -> ConnectionSettings {
        var settings = settings
        if settings.user == "%r" { settings.user = target.user }
        settings.identityFiles = settings.identityFiles.map(HomeFolder.expanding)
        settings.knownHostsFiles = settings.knownHostsFiles.map { $0.map(HomeFolder.expanding) }
        return settings
    }

    /// The points of `ProxyJump`: `[user@]host[:port]` or `ssh://[user@]host[:port]`, separated by commas.
    ///
    /// - Throws: ``InputError`` for one that is none.
    private static func list(_ text: String) throws(InputError) -> [JumpPoint] {
        if text.lowercased() == "none" { return [] }
        var points: [JumpPoint] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) { points.append(try point(word)) }
        return points
    }

    private static func point(_ word: Substring) throws(InputError) -> JumpPoint {
        var rest = word.hasPrefix("ssh://") ? word.dropFirst(6) : word
        var user: String?
        if let at = rest.lastIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        var host = rest
        var port: Substring?
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = rest[..<close].dropFirst()
            let tail = rest[close...].dropFirst()
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = rest.firstIndex(of: ":"), rest.lastIndex(of: ":") == colon {
            host = rest[..<colon]
            port = rest[colon...].dropFirst()
        }
        let number = port.flatMap { UInt16($0) }
        guard !host.isEmpty, user?.isEmpty != true, port == nil || (number ?? 0) > 0 else {
            throw InputError("the jump host '\(word)', which is not [user@]host[:port]")
        }
        var point = JumpPoint(host: String(host))
        (point.settings.user, point.settings.port) = (user, number)
        return point
    }
}

// MARK: Proxy commands

extension JumpPoint {
    /// What a `ProxyCommand` goes through, when it is OpenSSH's client that forwards to `%h:%p`; `nil` for every other one.
    private static func ofCommand(_ text: String) -> [JumpPoint]? {
        if text.lowercased() == "none" { return [] }
        // What makes no sense here may make sense to a shell, or to an `ssh` with more options.
        guard let words = try? ShellWords.split(text), var reader = ProxyCommandReader(words) else { return nil }
        // So does what is refused here.
        return try? reader.points()
    }
}

/// Reads `ssh [options] -W %h:%p [options] [user@]host`, and the older `ssh [options] [user@]host nc %h %p`.
private struct ProxyCommandReader {
    private var rest: ArraySlice<String>
    private var arguments = SSHArguments()
    private var destination: String?
    private var forwards = false
    private static let target: Set<String> = ["%h:%p", "[%h]:%p"]

    init?(_ words: [String]) {
        rest = words[...]
        if rest.first == "exec" { rest.removeFirst() }
        guard let program = rest.popFirst(), program == "ssh" || program.hasSuffix("/ssh") else { return nil }
    }

    /// `nil` for a command that does anything else.
    mutating func points() throws(InputError) -> [JumpPoint]? {
        while let word = rest.popFirst() {
            if word.hasPrefix("-") {
                guard try takeOption(word) else { return nil }
            } else if destination == nil {
                destination = word
            } else {
                rest = [word] + rest
                break
            }
        }
        guard let destination, forwards != isNetcat, rest.isEmpty || isNetcat else { return nil }
        guard var point = try JumpPoint.points(of: .jump(destination)), point.count == 1 else { return nil }
        var before: [JumpPoint] = []
        if let proxy = arguments.settings.proxy {
            guard let points = try JumpPoint.points(of: proxy) else { return nil }
            before = points
        }
        // A user and a port in the destination itself are the first that are given.
        point[0].settings = point[0].settings.over(arguments.settings)
        point[0].settings.proxy = nil
        return before + point
    }

    private mutating func takeOption(_ word: String) throws(InputError) -> Bool {
        // As in -qaxW: flags that change nothing may stand before it.
        guard let place = word.firstIndex(of: "W"), word[..<place].dropFirst().allSatisfy(SSHArguments.isHarmless)
        else {
            try arguments.take(word, &rest)
            return true
        }
        let attached = word[place...].dropFirst()
        let target = attached.isEmpty ? rest.popFirst() : String(attached)
        forwards = target.map { Self.target.contains($0) } ?? false
        return forwards
    }

    /// Whether what follows the destination is a netcat to the host that is reached.
    private var isNetcat: Bool {
        guard let program = rest.first, ["nc", "netcat", "ncat"].contains(program) else { return false }
        return rest.suffix(2) == ["%h", "%p"]
    }
}
