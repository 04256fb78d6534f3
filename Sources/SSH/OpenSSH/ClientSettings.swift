/// What OpenSSH's client would do to reach a host, as `ssh -G` says it. Only what its files set is here.
public struct ClientSettings: Hashable, Sendable {
    /// Name or address to connect to.
    public var address: String?
    /// Login user.
    public var user: String?
    /// TCP port.
    public var port: UInt16?
    /// Private keys to offer, in order.
    public var identityFiles: [String] = []
    /// Socket of the agent to ask; `none` for no agent.
    public var agent: String?
    /// Files with host keys.
    public var knownHostsFiles: [String] = []
    /// Whether an unknown host key is refused.
    public var checksHostKey: Bool?
    /// The name that known_hosts has the host's key under.
    public var hostKeyAlias: String?
    /// Hosts to go through, as `ProxyJump` names them.
    public var proxyJump: String?
    /// A program to connect with.
    public var proxyCommand: String?
    /// Seconds that connecting may take.
    public var connectTimeout: Int?

    /// Reads what `ssh -G` printed, leaving out what it prints in any case.
    ///
    /// - Parameters:
    ///   - text: For the host.
    ///   - name: The host, as it was asked for.
    ///   - usual: For any host, without any file.
    ///   - home: The user's home folder.
    init(_ text: String, of name: String, usual: String, home: String) {
        let usual = Self.lines(usual)
        let values = Self.lines(text).filter { usual[$0.key] != $0.value }
        let one = { (name: String) in values[name]?.first.flatMap { $0 == "none" ? nil : $0 } }
        let all = Self.lines(text)
        let tokens: [Character: String] = [
            "d": home, "h": all["hostname"]?.first ?? "", "r": all["user"]?.first ?? "", "u": Surroundings.currentUser,
            "p": all["port"]?.first ?? "", "%": "%",
        ]
        let file = { (path: String) in Self.path(path, tokens, home: home) }
        address = one("hostname").flatMap { $0 == name.lowercased() ? nil : $0 }
        user = one("user")
        port = one("port").flatMap { UInt16($0) }
        identityFiles = (values["identityfile"] ?? []).filter { $0 != "none" }.map(file)
        agent = values["identityagent"]?.first.map(file)
        if values["userknownhostsfile"] != nil || values["globalknownhostsfile"] != nil {
            knownHostsFiles = ["userknownhostsfile", "globalknownhostsfile"].flatMap { name in
                (all[name]?.first ?? "").split(separator: " ").map { file(String($0)) }
            }.filter { $0 != "none" && $0 != "/dev/null" }
        }
        checksHostKey = one("stricthostkeychecking").map { !["false", "no", "off"].contains($0) }
        hostKeyAlias = one("hostkeyalias")
        proxyJump = one("proxyjump")
        proxyCommand = one("proxycommand")
        connectTimeout = one("connecttimeout").flatMap { Int($0) }
    }

    private static func lines(_ text: String) -> [String: [String]] {
        text.split(whereSeparator: \.isNewline).reduce(into: [:]) { values, line in
            let words = line.split(separator: " ", maxSplits: 1)
            if words.count == 2 { values[String(words[0]), default: []].append(String(words[1])) }
        }
    }

    /// `ssh -G` prints paths with their tokens.
    private static func path(_ text: String, _ tokens: [Character: String], home: String) -> String {
        var path = ""
        var rest = (text.hasPrefix("~/") ? home + text.dropFirst() : text)[...]
        while let character = rest.popFirst() {
            guard character == "%", let token = rest.first, let value = tokens[token] else {
                path.append(character)
                continue
            }
            rest.removeFirst()
            path += value
        }
        return path
    }
}
