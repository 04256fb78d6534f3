import Fleet

/// The file of one pool in nginx's `http` block: an `upstream`, and a server on the loopback that tells what it is. What runs
/// is asked of that server, so that it is known which of several files the running workers have read.
struct UpstreamFile: Hashable, Sendable {
    /// A `server` line.
    struct Server: Hashable, Sendable {
        var member: PoolMember
        /// Gets no requests.
        var isDown = false
    }

    /// Everything but the server lines and what is told, without outer spaces.
    var settings: [String]
    /// The server lines, in the file's order.
    var servers: [Server]

    /// The settings `pool` wants, with `servers`.
    init(_ pool: Pool, servers: [Server]) {
        settings = Self.settings(pool)
        self.servers = servers
    }

    /// Reads a file's text. A line that is not of our making is kept among the settings, where it makes a difference.
    init(parsing text: String) {
        settings = []
        servers = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
            if words.isEmpty || words == Self.placeholder.split(separator: " ").map(String.init) { continue }
            if words.first == "return" {
                settings.append(Self.telling)
            } else if let server = Self.server(words) {
                servers.append(server)
            } else {
                settings.append(words.joined(separator: " "))
            }
        }
    }

    /// The members named, down or not.
    var members: [PoolMember] { servers.map(\.member) }

    /// The text of the file.
    var text: String {
        let named = servers.map { server in
            "server \(Self.address(server.member))\(server.isDown ? " down" : ""); # \(server.member.host)"
        }
        var depth = 0
        let lines = settings.flatMap { line -> [String] in
            if line == Self.telling { return ["return 200 \"\(told)\";"] }
            return line == Self.balance ? [line] + (named.isEmpty ? [Self.placeholder] : named) : [line]
        }
        return lines.map { line in
            if line == "}" { depth -= 1 }
            defer { if line.hasSuffix("{") { depth += 1 } }
            return String(repeating: "    ", count: max(0, depth)) + line
        }.joined(separator: "\n") + "\n"
    }

    /// What the file's own server tells: a fingerprint of the settings, and each member.
    var told: String {
        let members = servers.map { "\($0.member.host) \(Self.address($0.member)) \($0.isDown ? "down" : "up")" }
        return (["drover \(fingerprint)"] + members).map { $0 + "\\n" }.joined()
    }

    /// Tells the settings from others.
    var fingerprint: String {
        String(FNVHash.long(settings.filter { !$0.hasPrefix("#") }.joined(separator: "\n").utf8), radix: 16)
    }

    /// The same file with `member` in it, at its place if it has one, and getting requests unless it `isDown`.
    func adding(_ member: PoolMember, isDown: Bool = false) -> Self {
        var file = self
        let server = Server(member: member, isDown: isDown)
        if let place = servers.firstIndex(where: { $0.member.host == member.host }) {
            file.servers[place] = server
        } else {
            file.servers.append(server)
        }
        return file
    }

    /// The same file with `host` out of rotation, if it is named.
    func disabling(_ host: HostName) -> Self {
        var file = self
        if let place = servers.firstIndex(where: { $0.member.host == host }) { file.servers[place].isDown = true }
        return file
    }

    /// The same file without `host`.
    func removing(_ host: HostName) -> Self {
        var file = self
        file.servers.removeAll { $0.member.host == host }
        return file
    }

    /// Where the files' own servers listen, told apart by their names.
    static let statusPort = 8408
    /// What the pool's own server is called.
    static func statusName(of pool: String) -> String { "drover-\(pool)" }

    private static let balance = "least_conn;"
    private static let telling = "return"
    /// An upstream must not be empty.
    private static let placeholder = "server 127.0.0.1:9 down; # nobody yet"

    private static func settings(_ pool: Pool) -> [String] {
        [
            "# Written by Drover: edits are overwritten.", "upstream \(pool.name) {", balance, "}", "server {",
            "listen 127.0.0.1:\(statusPort);", "server_name \(statusName(of: pool.name));", "access_log off;",
            "location / {", "default_type text/plain;", telling, "}", "}",
        ]
    }

    private static func address(_ member: PoolMember) -> String {
        ServerAddress(address: member.address, port: member.port).description
    }

    /// `server 10.0.0.1:80 down; # ap1`.
    private static func server(_ words: [String]) -> Server? {
        guard words.count >= 4, words[0] == "server", words[words.count - 2] == "#",
            let host = try? HostName(words[words.count - 1])  // A name that no host has makes the line foreign.
        else { return nil }
        let middle = words[1..<(words.count - 2)].joined(separator: " ")
        let isDown = middle.hasSuffix(" down;")
        let place = middle.dropLast(isDown ? 6 : 1)
        guard middle.hasSuffix(";"), let address = ServerAddress(String(place)), !place.contains(" ") else {
            return nil
        }
        return Server(
            member: PoolMember(host: host, address: address.address, port: address.port), isDown: isDown)
    }
}

/// What nginx runs: what the pool's own server told, and how many connections there are to each member.
struct UpstreamStatus: Hashable, Sendable {
    /// The fingerprint of the settings that run; `nil` when the pool does not.
    var fingerprint: String?
    /// The members that run.
    var servers: [UpstreamFile.Server] = []
    /// Connections to addresses.
    var connections: [String: Int] = [:]

    /// Reads what ``NginxScript/asking`` printed: `told` lines, then `open ADDRESS COUNT` lines.
    init(parsing text: String) {
        for line in text.lines {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "told" where words.count == 3 && words[1] == "drover": fingerprint = words[2]
            case "told" where words.count == 4:
                // A name that no host has is none of ours.
                guard let host = try? HostName(words[1]), let address = ServerAddress(words[2]) else { continue }
                servers.append(
                    UpstreamFile.Server(
                        member: PoolMember(host: host, address: address.address, port: address.port),
                        isDown: words[3] != "up"))
            case "open" where words.count == 3: connections[words[1]] = Int(words[2]).map { min(max(0, $0), 1 << 40) }
            default: break
            }
        }
    }

    subscript(host: HostName) -> UpstreamFile.Server? { servers.first { $0.member.host == host } }

    /// Connections to a member: requests in progress, for idle ones are not kept.
    func sessions(_ member: PoolMember) -> Int {
        connections[ServerAddress(address: member.address, port: member.port).description] ?? 0
    }
}

extension String {
    /// Lines that are not empty.
    var lines: [Substring] { split(whereSeparator: \.isNewline) }
}
