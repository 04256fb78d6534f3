import Fleet

/// The file of one pool: a `backend` section and nothing else, written by Drover alone.
struct PoolFile: Hashable, Sendable {
    /// A `server` line.
    struct Server: Hashable, Sendable {
        var member: PoolMember
        /// Starts in maintenance, so that a reload gives no traffic to a member that is out at present.
        var isDisabled = false
    }

    /// Everything but the server lines, without blank lines and outer spaces.
    var settings: [String]
    /// The server lines, in the file's order.
    var servers: [Server]

    /// The settings `pool` wants, with `servers`.
    init(_ pool: Pool, servers: [Server]) {
        let body = Self.body(pool)
        let number = Self.fingerprint(body)
        settings = Self.comments + ["backend \(pool.name)", "id \(number)"] + body
        self.servers = servers
    }

    /// Reads a file's text. A server line that is not of our making is kept among the settings, where it makes a difference.
    init(parsing text: String) {
        settings = []
        servers = []
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.isEmpty { continue }
            if let server = Self.server(words) {
                servers.append(server)
            } else {
                settings.append(words.joined(separator: " "))
            }
        }
    }

    /// The members named, disabled or not.
    var members: [PoolMember] { servers.map(\.member) }

    /// The `id` of the backend, which `show stat` gives back as `iid`: the running settings are those of the file when the
    /// numbers agree.
    var id: Int? { settings.lazy.compactMap { $0.hasPrefix("id ") ? Int($0.dropFirst(3)) : nil }.first }

    /// How members are checked; `nil` when the settings do not say it as Drover does.
    var check: Pool.Check? {
        var check = Pool.Check()
        var isKnown = (path: false, times: false)
        for words in settings.map({ $0.split(separator: " ") }) {
            if words.starts(with: ["http-check", "send", "meth", "GET", "uri"]), words.count > 5 {
                check.path = String(words[5])
                isKnown.path = true
            }
            if words.starts(with: ["http-check", "expect", "status"]), words.count == 4 {
                let limits = words[3].split(separator: "-").compactMap { Int($0) }
                guard let least = limits.first, let most = limits.last, least <= most else { return nil }
                check.expect = least...most
            }
            if let times = CheckSettings.times(words) {
                (check.interval, check.rise, check.fall) = times
                isKnown.times = true
            }
        }
        return isKnown.path && isKnown.times ? check : nil
    }

    /// The text of the file.
    var text: String {
        let section = settings.map { $0.hasPrefix("#") || $0.hasPrefix("backend ") ? $0 : "    " + $0 }
        let lines = servers.map { server in
            let address = ServerAddress(address: server.member.address, port: server.member.port)
            return "    server \(server.member.host) \(address) check" + (server.isDisabled ? " disabled" : "")
        }
        return (section + lines).joined(separator: "\n") + "\n"
    }

    /// The same file with `member` in it, at its place if it has one, and not disabled.
    func adding(_ member: PoolMember) -> Self {
        var file = self
        let server = Server(member: member)
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
        if let place = servers.firstIndex(where: { $0.member.host == host }) { file.servers[place].isDisabled = true }
        return file
    }

    /// The same file without `host`.
    func removing(_ host: HostName) -> Self {
        var file = self
        file.servers.removeAll { $0.member.host == host }
        return file
    }

    private static let comments = [
        "# Written by Drover: edits are overwritten. The id is a fingerprint of the settings."
    ]

    private static func body(_ pool: Pool) -> [String] {
        [
            "mode http", "balance leastconn", "option httpchk",
            "http-check send meth GET uri \(pool.check.path) ver HTTP/1.1 hdr Host \(pool.name)",
            "http-check expect status \(pool.check.expect.lowerBound)-\(pool.check.expect.upperBound)",
            "option redispatch", "retries 3",
            "default-server " + CheckSettings(pool.check).words,
        ]
    }

    private static func server(_ words: [Substring]) -> Server? {
        // A name that no host has makes the line foreign: it stays among the settings.
        guard words.count >= 4, words[0] == "server", words[3] == "check", let host = try? HostName(String(words[1])),
            let address = ServerAddress(String(words[2]))
        else { return nil }
        let rest = words.dropFirst(4)
        guard rest.isEmpty || Array(rest) == ["disabled"] else { return nil }
        let member = PoolMember(host: host, address: address.address, port: address.port)
        return Server(member: member, isDisabled: !rest.isEmpty)
    }

    /// FNV-1a, folded into the numbers a proxy's id may have and above those HAProxy gives by itself.
    private static func fingerprint(_ lines: [String]) -> Int {
        1_000_000 + Int(FNVHash.long(lines.joined(separator: "\n").utf8) % 2_000_000_000)
    }
}
