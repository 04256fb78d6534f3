import Sampling

/// What `/etc/drover-agent.conf` says.
public struct AgentConfiguration: Sendable {
    /// Where it is looked for unless told otherwise.
    public static let usualPath = "/etc/drover-agent.conf"

    var listen: [NetworkAddress] = []
    var metricsPort: UInt16 = 9101
    var checkPort: UInt16 = 9102
    var allow: [AddressRange] = []
    var token: String?
    /// Empty: no history is kept.
    var history = "/var/lib/drover-agent"
    var source = SampleSource.automatic

    /// Whether this address may connect at all.
    func allows(_ address: NetworkAddress) -> Bool {
        address.isLoopback || allow.contains { $0.contains(address) }
    }

    /// Reads a configuration's text; `path` is for what is said of it.
    init(text: String, path: String) throws(ConfigurationError) {
        var listenLine = 0
        for (place, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = Self.trimmed(line)[...]
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            func refuse(_ what: String) -> ConfigurationError {
                ConfigurationError(path: path, line: place + 1, what: what)
            }
            guard let equals = line.firstIndex(of: "=") else { throw refuse("'\(line)' is not 'key = value'") }
            let key = Self.trimmed(line[..<equals])
            if key == "listen" { listenLine = place + 1 }
            if let problem = set(key, to: Self.trimmed(line[line.index(after: equals)...])) { throw refuse(problem) }
        }
        if listen.isEmpty, let loopback = NetworkAddress("127.0.0.1") { listen = [loopback] }
        try checkReach(path, listenLine)
    }

    /// Where others than this machine may ask for everything, they show a token.
    private func checkReach(_ path: String, _ line: Int) throws(ConfigurationError) {
        if metricsPort != 0, metricsPort == checkPort {
            throw ConfigurationError(path: path, line: line, what: "metrics_port and check_port are the same")
        }
        guard token == nil, metricsPort != 0, allow.contains(where: \.isWide),
            listen.contains(where: { !$0.isLoopback })
        else { return }
        throw ConfigurationError(
            path: path, line: line,
            what: "it listens to all the world, so a token is needed: 'token = …', or a narrower 'allow'")
    }

    /// What is wrong with it, if anything is.
    private mutating func set(_ key: String, to value: String) -> String? {
        switch key {
        case "listen": return add(value, to: \.listen, "an address", NetworkAddress.init)
        case "allow": return add(value, to: \.allow, "an address or a net, as 10.0.0.0/8", AddressRange.init)
        case "metrics_port": return setPort(\.metricsPort, value)
        case "check_port": return setPort(\.checkPort, value)
        case "token":
            guard value.utf8.count >= 16, value.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
                return "a token is at least 16 letters, digits and signs without blanks"
            }
            token = value
        case "history":
            guard value.isEmpty || value.hasPrefix("/") else { return "'\(value)' does not begin with '/'" }
            history = value
        case "source":
            guard let source = SampleSource(rawValue: value) else { return "'\(value)' is not auto, proc or cgroup" }
            self.source = source
        default:
            return "'\(key)' is not a key; there are listen, metrics_port, check_port, allow, token, history, source"
        }
        return nil
    }

    private mutating func add<Value>(
        _ text: String, to list: WritableKeyPath<Self, [Value]>, _ kind: String, _ parse: (String) -> Value?
    ) -> String? {
        for part in text.split(separator: ",") {
            let part = Self.trimmed(part)
            guard let value = parse(part) else { return "'\(part)' is not \(kind)" }
            self[keyPath: list].append(value)
        }
        return nil
    }

    private mutating func setPort(_ place: WritableKeyPath<Self, UInt16>, _ text: String) -> String? {
        guard let port = UInt16(text) else { return "'\(text)' is not a port (0 to 65535)" }
        self[keyPath: place] = port
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\r" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}

/// What is wrong in a configuration, and where.
struct ConfigurationError: Error, CustomStringConvertible {
    var path: String
    var line: Int
    var what: String

    var description: String { line > 0 ? "\(path):\(line): \(what)" : "\(path): \(what)" }
}
