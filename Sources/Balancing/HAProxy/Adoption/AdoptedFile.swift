import Fleet

/// A file of somebody's own with a backend whose `server` lines are Drover's. Everything else stays as it is, byte for byte.
struct AdoptedFile: Hashable, Sendable {
    /// What is taken of it.
    struct Terms: Hashable, Sendable {
        let backend: String
        let members: [PoolMember]
        /// What members get that have no line; `nil` takes it from the others' lines.
        let options: [String]?

        init(_ pool: Pool) {
            (backend, members) = (pool.name, pool.members)
            options = pool.adoption?.serverOptions.map { text in
                BackendLine(Array(text.utf8)).words.map(\.written)
            }
        }
    }

    /// Each with its terminator.
    let lines: [[UInt8]]
    /// The backend's server lines.
    let servers: [AdoptedLine]
    /// What `default-server` says to the backend: where its defaults do, before that.
    let usual: [BackendLine.Word]
    /// Whether clients are kept at their member.
    let isSticky: Bool
    /// Whether servers can come at run time, with the way they are chosen.
    let isDynamic: Bool
    /// What members get that have no line.
    let options: [String]
    /// The line that the first server follows, where there is none.
    private let lastSetting: Int

    /// - Throws: What cannot be taken, before anything is changed.
    init(_ bytes: [UInt8], _ terms: Terms) throws(AdoptionError) {
        let lines = Self.divided(bytes)
        let text = lines.map(BackendLine.init)
        let section = try ConfigurationSections(text).backend(terms.backend)
        try AdoptionRules.check(section, text)
        var servers: [AdoptedLine] = []
        for place in section.places where text[place].words.first?.text == "server" {
            servers.append(try AdoptedLine(lines[place], at: place))
        }
        let settings = section.places.map { text[$0].words }
        usual = (section.defaults.map { text[$0].words } + settings)
            .filter { $0.first?.text == "default-server" }.flatMap { $0.dropFirst() }
        isSticky = settings.contains { words in
            words.first?.text == "cookie" || words.first?.text == "stick" && words.count > 1
        }
        isDynamic = AdoptionRules.isDynamic((section.defaults.map { text[$0].words } + settings))
        lastSetting = section.places.last { !text[$0].words.isEmpty } ?? section.head
        (self.lines, self.servers) = (lines, servers)
        options = try AdoptionRules.options(of: servers, terms, head: section.head)
        try AdoptionRules.check(servers, usual, options, terms, section, text)
    }

    /// As `haproxy` reads lines: up to each line feed.
    private static func divided(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        for (place, byte) in bytes.enumerated() where byte == 0x0A {
            lines.append(Array(bytes[start...place]))
            start = place + 1
        }
        return start < bytes.count ? lines + [Array(bytes[start...])] : lines
    }

    // MARK: writing

    /// The file with these servers in the backend.
    func bytes(with wanted: [PoolFile.Server]) -> [UInt8] {
        var result = lines
        for line in servers {
            let host = line.server.member.host
            result[line.place] = wanted.first { $0.member.host == host }.map(line.saying) ?? []
        }
        let newcomers = wanted.filter { server in !servers.contains { $0.server.member.host == server.member.host } }
        guard !newcomers.isEmpty else { return Array(result.joined()) }
        let place = servers.last?.place ?? lastSetting
        let isBare = lines[place].last != 0x0A
        let end = isBare ? terminator : Array(lines[place].suffix(lines[place].suffix(2) == [0x0D, 0x0A] ? 2 : 1))
        let added = newcomers.map { indentation + Array(line(of: filled($0)).utf8) + end }
        if isBare, !result[place].isEmpty { result[place] += terminator }
        result.insert(contentsOf: added, at: place + 1)
        // A file without a last line feed has none afterwards.
        if isBare { result[place + added.count].removeLast(terminator.count) }
        return Array(result.joined())
    }

    private func line(of server: PoolFile.Server) -> String {
        let mark = AdoptedLine.comment(server)
        return server.keptOut == nil && !mark.isEmpty ? "\(server.line) \(mark)" : server.line
    }

    private var indentation: [UInt8] {
        let line = lines[servers.last?.place ?? lastSetting]
        let spaces = Array(line.prefix { $0 == 0x20 || $0 == 0x09 })
        // Below the section's own line, which has none.
        return servers.isEmpty && spaces.isEmpty ? Array("    ".utf8) : spaces
    }

    /// As the file's first line has it.
    private var terminator: [UInt8] {
        lines.first.map { $0.suffix(2) == [0x0D, 0x0A] } == true ? [0x0D, 0x0A] : [0x0A]
    }

    /// A server that comes into the file, with what the others' lines have.
    func filled(_ server: PoolFile.Server) -> PoolFile.Server {
        guard server.options == nil else { return server }
        var server = server
        server.options = options
        if servers.contains(where: { $0.server.cookie != nil }) { server.cookie = server.member.host.description }
        let weights = servers.map(\.server.weight)
        server.weight =
            server.weight ?? weights.max { left, right in
                weights.count { $0 == left } < weights.count { $0 == right }
            } ?? nil
        return server
    }

    // MARK: at run time

    /// What a server is added with, which inherits nothing.
    func keywords(of server: PoolFile.Server) -> [String] {
        usual.map(\.written).filter { $0 != "disabled" } + (server.options ?? options)
            + (server.weight.map { ["weight", "\($0)"] } ?? []) + (server.cookie.map { ["cookie", $0] } ?? [])
    }

    /// Whether it can be added by a command.
    func canAdd(_ server: PoolFile.Server) -> Bool { isDynamic && AdoptionRules.canAdd(keywords(of: server)) }

    /// What a server has where its line says nothing; `nil` when the file does not tell.
    var usualWeight: Int? {
        usual.lastIndex { $0.text == "weight" }.flatMap { $0 + 1 < usual.count ? Int(usual[$0 + 1].text) : nil }
    }

    /// How long it gets less than its share.
    func slowStart(of server: PoolFile.Server) -> Duration? {
        let words = keywords(of: server)
        return words.lastIndex(of: "slowstart").flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
            .flatMap(AdoptionRules.time)
    }
}
