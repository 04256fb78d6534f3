import Fleet

/// What Drover makes of the arguments for OpenSSH's client that an inventory holds.
struct SSHArguments {
    var port: UInt16?
    var user: String?
    var identityFiles: [String] = []
    var knownHostsFiles: [String] = []
    var connectTimeout: Duration?
    var hostKeyAlias: String?
    /// `StrictHostKeyChecking=no` was given.
    var acceptsUnknownKeys = false
    /// The hosts to go through, in order; `nil` when nothing was said about it.
    var jumps: [JumpPoint]?
    /// Options whose first value was seen; OpenSSH ignores later ones.
    private var seen: Set<String> = []

    /// Options that change nothing that Drover does, or that it does anyway.
    private static let harmless: Set<String> = [
        "loglevel", "controlmaster", "controlpersist", "controlpath", "compression", "forwardagent", "batchmode",
        "preferredauthentications", "pubkeyauthentication", "passwordauthentication", "kbdinteractiveauthentication",
        "gssapiauthentication", "identitiesonly", "serveraliveinterval", "serveralivecountmax", "tcpkeepalive",
        "addkeystoagent", "checkhostip", "hashknownhosts", "updatehostkeys", "visualhostkey", "connectionattempts",
        "requesttty", "ipqos", "verifyhostkeydns", "numberofpasswordprompts", "challengeresponseauthentication",
    ]

    /// What variables of their own, keywords and the command line say, where arguments read so far don't say otherwise.
    mutating func settle(_ settings: ConnectionSettings) {
        let (port, user, connectTimeout) = (settings.port, settings.user, settings.connectTimeout)
        // Keys are all offered, in the order of the arguments.
        if let key = settings.privateKey { identityFiles.append(key) }
        if let port, seen.insert("port").inserted { self.port = port }
        if let user, seen.insert("user").inserted { self.user = user }
        if let connectTimeout, seen.insert("connecttimeout").inserted { self.connectTimeout = connectTimeout }
    }

    /// What nothing was said about.
    var unsaid: Set<Endpoint.Setting> {
        let names: [Endpoint.Setting: String] = [
            .port: "port", .hostKeyChecking: "stricthostkeychecking", .connectTimeout: "connecttimeout",
            .jumps: "proxyjump",
        ]
        return Set(names.filter { !seen.contains($0.value) }.keys)
    }

    /// Takes over the arguments in `text`.
    /// - Throws: ``InputError`` that names the variable and the argument, for what Drover can't honour.
    mutating func add(_ text: String, variable: String, host: HostName) throws(InputError) {
        guard case .success(let words) = ShellWords.split(text[...], comments: false) else {
            throw InputError("a quote in \(variable) of the host '\(host)' is never closed")
        }
        var rest = words[...]
        while let word = rest.popFirst() {
            do {
                try take(word, &rest)
            } catch {
                throw InputError("\(variable) of the host '\(host)' holds \(error.message)", hints: error.hints)
            }
        }
    }

    mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(InputError) {
        switch word.prefix(2) {
        case "-o": try set(option: try argument(of: word, &rest))
        case "-p": try set("port", try argument(of: word, &rest))
        case "-l": try set("user", try argument(of: word, &rest))
        case "-i": try set("identityfile", try argument(of: word, &rest))
        case "-J": try set("proxyjump", try argument(of: word, &rest), written: "-J")
        default:
            let flags = word.dropFirst()
            guard word.hasPrefix("-"), !flags.isEmpty, flags.allSatisfy(Self.isHarmless) else {
                throw refused("'\(word)'")
            }
        }
    }

    /// Whether a flag of one letter changes nothing that Drover does.
    static func isHarmless(_ flag: Character) -> Bool { "CqaAxTnv".contains(flag) }

    private func argument(of word: String, _ rest: inout ArraySlice<String>) throws(InputError) -> String {
        if word.count > 2 { return String(word.dropFirst(2)) }
        guard let next = rest.popFirst() else { throw InputError("'\(word)' without its value") }
        return next
    }

    /// `Name=value` or `Name value`.
    private mutating func set(option: String) throws(InputError) {
        guard let separator = option.firstIndex(where: { $0 == "=" || $0 == " " }) else {
            throw InputError("the option '\(option)' without a value", hints: ["write -o \(option)=VALUE"])
        }
        let value = option[option.index(after: separator)...].drop { $0 == " " || $0 == "=" }
        try set(option[..<separator].lowercased(), String(value), written: String(option[..<separator]))
    }

    private mutating func set(_ name: String, _ value: String, written: String? = nil) throws(InputError) {
        let shown = "\(written ?? name)=\(value)"
        if Self.harmless.contains(name) { return }
        if name == "identityfile" { return identityFiles.append(value) }
        // The first of the two that is given counts, as with any other option.
        guard seen.insert(name == "proxycommand" ? "proxyjump" : name).inserted else { return }
        switch name {
        case "hostkeyalias": hostKeyAlias = value
        case "proxyjump": jumps = try JumpPoint.list(value)
        case "proxycommand": jumps = try JumpPoint.ofCommand(value)
        case "port":
            guard let number = UInt16(value), number > 0 else { throw InputError("'\(shown)', which is no port") }
            port = number
        case "user": user = value
        case "userknownhostsfile":
            knownHostsFiles = value.split(separator: " ").map(String.init).filter { $0 != "/dev/null" && $0 != "none" }
        case "globalknownhostsfile": return
        case "stricthostkeychecking": try setChecking(value, shown)
        case "connecttimeout":
            guard let seconds = Int(value), seconds > 0 else { throw InputError("'\(shown)', which is no time") }
            connectTimeout = .seconds(seconds)
        default: throw refused("'\(shown)'")
        }
    }

    private mutating func setChecking(_ value: String, _ shown: String) throws(InputError) {
        switch value.lowercased() {
        case "no", "off": acceptsUnknownKeys = true
        case "yes", "ask": return
        default:
            throw InputError(
                "'\(shown)', which Drover can't honour", hints: ["write the hosts' keys down once with 'drover trust'"])
        }
    }

    private func refused(_ what: String) -> InputError {
        InputError(
            "\(what), which Drover can't honour",
            hints: [
                "Drover honours -i, -p, -l, -J, and -o Port, User, IdentityFile, UserKnownHostsFile, "
                    + "StrictHostKeyChecking, HostKeyAlias, ConnectTimeout, ProxyJump, ProxyCommand=\"ssh -W %h:%p HOST\""
            ])
    }
}
