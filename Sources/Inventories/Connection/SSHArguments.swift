import Fleet
import Values

/// What Drover makes of the arguments for OpenSSH's client that an inventory holds.
struct SSHArguments {
    /// What the arguments read so far say.
    private(set) var settings = ConnectionSettings()
    /// Options whose first value was seen; OpenSSH ignores later ones.
    private var seen: Set<String> = []

    /// Options that change nothing that Drover does, or that it does anyway.
    private static let harmless: Set<String> = [
        "loglevel", "controlmaster", "controlpersist", "controlpath", "compression", "forwardagent", "batchmode",
        "preferredauthentications", "pubkeyauthentication", "passwordauthentication", "kbdinteractiveauthentication",
        "identitiesonly", "serveraliveinterval", "serveralivecountmax", "tcpkeepalive",
        "addkeystoagent", "checkhostip", "hashknownhosts", "updatehostkeys", "visualhostkey", "connectionattempts",
        "requesttty", "ipqos", "verifyhostkeydns", "numberofpasswordprompts", "challengeresponseauthentication",
    ]

    /// Takes over the arguments in `text`.
    /// - Throws: ``InputError`` that names the variable and the argument, for what Drover can't honour.
    mutating func add(_ text: String, variable: String, host: HostName) throws(InputError) {
        let words: [String]
        do {
            words = try ShellWords.split(text)
        } catch {
            throw InputError("\(variable) of the host '\(host)' can't be read: \(error.message)", hints: error.hints)
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
        if name == "identityfile" { return settings.identityFiles.append(value) }
        // The first of the two that is given counts, as with any other option.
        guard seen.insert(name == "proxycommand" ? "proxyjump" : name).inserted else { return }
        switch name {
        case "hostkeyalias": settings.hostKeyAlias = value
        case "proxyjump": settings.proxy = try checked(.jump(value))
        case "proxycommand": settings.proxy = try checked(.command(value))
        case "port":
            guard let number = UInt16(value), number > 0 else { throw InputError("'\(shown)', which is no port") }
            settings.port = number
        case "user": settings.user = value
        case "userknownhostsfile":
            settings.knownHostsFiles = value.split(separator: " ").map(String.init)
                .filter { $0 != "/dev/null" && $0 != "none" }
        case "globalknownhostsfile": return
        case "gssapiauthentication": settings.showsTicket = ["yes", "true"].contains(value.lowercased())
        case "stricthostkeychecking": try setChecking(value, shown)
        case "connecttimeout":
            guard let seconds = Int(value), seconds > 0 else { throw InputError("'\(shown)', which is no time") }
            settings.connectTimeout = .seconds(seconds)
        default: throw refused("'\(shown)'")
        }
    }

    /// The proxy, which is read again when the way is worked out.
    private func checked(_ proxy: ConnectionSettings.Proxy) throws(InputError) -> ConnectionSettings.Proxy {
        _ = try JumpPoint.points(of: proxy)
        return proxy
    }

    private mutating func setChecking(_ value: String, _ shown: String) throws(InputError) {
        switch value.lowercased() {
        case "no", "off": settings.checksHostKey = false
        case "yes", "ask": settings.checksHostKey = true
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
                    + "StrictHostKeyChecking, HostKeyAlias, ConnectTimeout, ProxyJump, ProxyCommand, GSSAPIAuthentication"
            ])
    }
}
