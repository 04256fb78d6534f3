public import Fleet

/// A host to go through, as the arguments for OpenSSH's client name it.
public struct JumpPoint: Hashable, Sendable {
    /// A name of the inventory, a name to resolve, or an address.
    public var host: String
    /// Login user, where one is named; `%r` stands for the user of the host that is reached.
    public var user: String?
    /// Port, where one is named.
    public var port: UInt16?
    /// Private keys, where some are named.
    public var identityFiles: [String] = []
    /// Files with host keys, where some are named.
    public var knownHostsFiles: [String] = []
    /// Whether its key is checked.
    public var checksHostKey = true
    /// How long connecting may take, where that is said.
    public var connectTimeout: Duration?

    /// The points of `ProxyJump`: `[user@]host[:port]` or `ssh://[user@]host[:port]`, separated by commas.
    ///
    /// - Throws: ``InputError`` for one that is none.
    public static func list(_ text: String) throws(InputError) -> [JumpPoint] {
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
        return JumpPoint(host: String(host), user: user, port: number)
    }
}

// MARK: Proxy commands

extension JumpPoint {
    /// What a `ProxyCommand` goes through, when it is OpenSSH's client that forwards to `%h:%p`.
    ///
    /// - Throws: ``InputError`` that names the command, for every other one.
    public static func ofCommand(_ text: String) throws(InputError) -> [JumpPoint] {
        if text.lowercased() == "none" { return [] }
        guard case .success(let words) = ShellWords.split(text[...], comments: false),
            var reader = ProxyCommandReader(words), let points = try reader.points()
        else {
            throw InputError(
                "'ProxyCommand=\(text)', which Drover can't honour",
                hints: ["Drover goes through hosts by ProxyJump, or ProxyCommand=\"ssh -W %h:%p [USER@]HOST\""])
        }
        return points
    }
}

/// Reads `ssh [options] -W %h:%p [options] [user@]host`, and the older `ssh [options] [user@]host nc %h %p`.
private struct ProxyCommandReader {
    private var rest: ArraySlice<String>
    private var settings = SSHArguments()
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
        var point = try JumpPoint.list(destination)
        guard point.count == 1 else { return nil }
        point[0].user = point[0].user ?? settings.user
        point[0].port = point[0].port ?? settings.port
        point[0].identityFiles = settings.identityFiles
        point[0].knownHostsFiles = settings.knownHostsFiles
        point[0].checksHostKey = !settings.acceptsUnknownKeys
        point[0].connectTimeout = settings.connectTimeout
        return (settings.jumps ?? []) + point
    }

    private mutating func takeOption(_ word: String) throws(InputError) -> Bool {
        // As in -qaxW: flags that change nothing may stand before it.
        guard let place = word.firstIndex(of: "W"), word[..<place].dropFirst().allSatisfy(SSHArguments.isHarmless)
        else {
            try settings.take(word, &rest)
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
