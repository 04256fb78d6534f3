import Fleet

/// The file of one pool: a `backend` section and nothing else, written by Drover alone.
struct PoolFile: Hashable, Sendable {
    /// A `server` line.
    struct Server: Hashable, Sendable {
        var member: PoolMember
        /// Starts in maintenance, so that a reload gives no traffic to a member that is out at present.
        var isDisabled = false
        /// Its weight, where that is another than the pool's members usually have.
        var weight: Int?
        /// Whether its agent is left alone, where those of the others are asked: it has a weight of its own.
        var isUnasked = false
        /// Who took it out by hand.
        var keptOut: KeptOut?
        /// The value of the cookie that keeps clients there; `nil` for none.
        var cookie: String?
        /// What else its line says in somebody's own file; `nil` in Drover's, and where it is to be as the others are.
        var options: [String]?
    }

    /// Everything but the server lines, without blank lines and outer spaces.
    var settings: [String]
    /// The server lines, in the file's order.
    var servers: [Server]
    /// The file around the servers, where it is somebody else's; there are no settings then.
    let adopted: AdoptedFile?

    /// The settings `pool` wants, with `servers`.
    init(_ pool: Pool, servers: [Server]) {
        let body = PoolSettings.body(pool)
        adopted = nil
        let number = Self.fingerprint(body)
        settings = Self.comments + ["backend \(pool.name)", "id \(number)"] + body
        self.servers = servers.map { server in
            var server = server
            server.cookie = pool.traffic.cookie.map { _ in server.member.host.description }
            server.isUnasked = pool.traffic.agent != nil && server.weight != nil
            return server
        }
    }

    /// Reads a file's text. A server line that is not of our making is kept among the settings, where it makes a difference.
    init(parsing text: String) {
        adopted = nil
        settings = []
        servers = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.isEmpty { continue }
            if let server = Self.server(words, line) {
                servers.append(server)
            } else {
                settings.append(words.joined(separator: " "))
            }
        }
    }

    /// The servers of a backend in somebody's own file.
    init(adopting file: AdoptedFile) {
        settings = []
        servers = file.servers.map(\.server)
        adopted = file
    }

    /// The members named, disabled or not.
    var members: [PoolMember] { servers.map(\.member) }

    subscript(host: HostName) -> Server? { servers.first { $0.member.host == host } }

    /// The `id` of the backend, which `show stat` gives back as `iid`: the running settings are those of the file when the
    /// numbers agree.
    var id: Int? { settings.lazy.compactMap { $0.hasPrefix("id ") ? Int($0.dropFirst(3)) : nil }.first }

    /// How members are checked; `nil` when the settings do not say it as Drover does.
    var check: Pool.Check? { PoolSettings.check(settings) }

    /// How requests are shared out; `nil` when the settings do not say it as Drover does.
    var traffic: PoolTraffic? { PoolSettings.traffic(settings) }

    /// The file.
    var bytes: [UInt8] { adopted?.bytes(with: servers) ?? Array(text.utf8) }

    /// The text of the file.
    var text: String {
        if adopted != nil { return String(decoding: bytes, as: UTF8.self) }
        let section = settings.map { $0.hasPrefix("#") || $0.hasPrefix("backend ") ? $0 : "    " + $0 }
        return (section + servers.map { "    \($0.line)" }).joined(separator: "\n") + "\n"
    }

    private static let comments = [
        "# Written by Drover: edits are overwritten. The id is a fingerprint of the settings."
    ]

    private static func server(_ words: [Substring], _ line: Substring) -> Server? {
        let words = words.prefix { !$0.hasPrefix("#") }
        // A name that no host has makes the line foreign: it stays among the settings.
        guard words.count >= 4, words[0] == "server", words[3] == "check", let host = try? HostName(String(words[1])),
            let address = ServerAddress(String(words[2]))
        else { return nil }
        var server = Server(member: PoolMember(host: host, address: address.address, port: address.port))
        var rest = words.dropFirst(4)
        while let word = rest.popFirst() {
            switch word {
            case "disabled": server.isDisabled = true
            case "weight":
                guard let weight = rest.popFirst().flatMap({ Int($0) }), (0...256).contains(weight) else { return nil }
                server.weight = weight
            case "no-agent-check": server.isUnasked = true
            case "cookie":
                guard let cookie = rest.popFirst() else { return nil }
                server.cookie = String(cookie)
            default: return nil
            }
        }
        guard let mark = line.firstIndex(of: "#") else { return server }
        guard let kept = KeptOutNote.read(line[mark...]) else { return nil }
        server.keptOut = kept
        return server
    }

    /// FNV-1a, folded into the numbers a proxy's id may have and above those HAProxy gives by itself.
    private static func fingerprint(_ lines: [String]) -> Int {
        1_000_000 + Int(FNVHash.long(lines.joined(separator: "\n").utf8) % 2_000_000_000)
    }
}

extension PoolFile.Server {
    /// As it stands in the file.
    var line: String {
        let address = ServerAddress(address: member.address, port: member.port)
        let words = options.map { $0.map { " \($0)" }.joined() } ?? " check"
        return "server \(member.host) \(address)\(words)" + (cookie.map { " cookie \($0)" } ?? "")
            + (weight.map { " weight \($0)" } ?? "") + (isUnasked ? " no-agent-check" : "")
            + (isDisabled ? " disabled" : "")
            + (keptOut.map { " \(KeptOutNote.text($0))" } ?? "")
    }
}
