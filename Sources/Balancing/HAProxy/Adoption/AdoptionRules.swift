import Fleet

/// What a backend of somebody's own must be like to have its servers changed. Pure.
enum AdoptionRules {
    /// - Throws: What stands in the section that servers cannot be changed beside.
    static func check(_ section: ConfigurationSections.Section, _ text: [BackendLine]) throws(AdoptionError) {
        for place in section.places {
            guard let word = text[place].words.first?.text else { continue }
            if word == "server-template" {
                throw AdoptionError(
                    place, "server-template makes servers of its own in \(section.name)",
                    ["write a server line for each member in its place"])
            }
            if [".if", ".elif", ".else", ".endif"].contains(word) {
                throw AdoptionError(
                    place, "\(word) among the lines of \(section.name): which servers it has cannot be told",
                    ["take the condition out of the section"])
            }
        }
        for place in section.places
        where text[place].words.contains(where: { $0.text == "resolvers" })
            && text[place].words.first?.text == "default-server"
        {
            throw AdoptionError(
                place, "default-server has addresses from resolvers, and Drover writes the inventory's",
                ["take 'resolvers' out of the line"])
        }
    }

    /// - Throws: What is wrong with the servers, and with what is said about them elsewhere.
    static func check(
        _ servers: [AdoptedLine], _ usual: [BackendLine.Word], _ options: [String], _ terms: AdoptedFile.Terms,
        _ section: ConfigurationSections.Section, _ text: [BackendLine]
    ) throws(AdoptionError) {
        var seen: [HostName: Int] = [:]
        for line in servers {
            let host = line.server.member.host
            if let first = seen.updateValue(line.place, forKey: host) {
                throw AdoptionError(line.place, "server \(host) is there twice, also on line \(first + 1)")
            }
        }
        let isUsual = usual.contains { $0.text == "check" }
        if !isUsual, let line = servers.first(where: { !($0.server.options ?? []).contains("check") }) {
            throw AdoptionError(
                line.place, "server \(line.server.member.host) is not checked: nothing would tell when it is up",
                ["write 'check' behind its address"])
        }
        if !isUsual, !options.contains("check") {
            throw AdoptionError(
                section.head, "members would not be checked: nothing would tell when they are up",
                ["write 'server_options: check' in drover.yml"])
        }
        try checkReferences(servers, terms, section, text)
    }

    /// A line that names a server which is to leave would keep HAProxy from starting.
    private static func checkReferences(
        _ servers: [AdoptedLine], _ terms: AdoptedFile.Terms, _ section: ConfigurationSections.Section,
        _ text: [BackendLine]
    ) throws(AdoptionError) {
        let staying = Set(terms.members.map(\.host.description))
        let leaving = servers.map(\.server.member.host.description).filter { !staying.contains($0) }
        for (place, line) in text.enumerated() {
            let words = line.words.map(\.text)
            let isWithin = section.places.contains(place)
            let named: String? =
                if isWithin, words.first == "use-server", words.count > 1 {
                    words[1]
                } else if let track = words.firstIndex(of: "track"), words.first?.hasSuffix("server") == true,
                    track + 1 < words.count
                {
                    tracked(words[track + 1], in: section.name, isWithin)
                } else { nil }
            if let named, leaving.contains(named) {
                throw AdoptionError(
                    place, "\(words[0]) names \(named), which is not in the inventory any more",
                    ["take the line out, or bring \(named) back into the inventory"])
            }
        }
    }

    private static func tracked(_ word: String, in backend: String, _ isWithin: Bool) -> String? {
        let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 { return parts[0] == backend ? parts[1] : nil }
        return isWithin ? parts.first : nil
    }

    /// What a member's line gets that is not there yet: what was said, or what all others have.
    static func options(
        of servers: [AdoptedLine], _ terms: AdoptedFile.Terms, head: Int
    ) throws(AdoptionError) -> [String] {
        if let options = terms.options { return options }
        // An `id` is one server's own.
        let known = servers.map { ($0, withoutID($0.server.options ?? [])) }
        guard let first = known.first else { return [] }
        let isComplete = terms.members.allSatisfy { member in servers.contains { $0.server.member.host == member.host }
        }
        if !isComplete, let other = known.first(where: { $0.1 != first.1 }) {
            throw AdoptionError(
                other.0.place,
                "server \(other.0.server.member.host) has other options than \(first.0.server.member.host): "
                    + "which a new member gets cannot be told",
                ["write in drover.yml, below pool: server_options: \(first.1.joined(separator: " "))"])
        }
        return first.1
    }

    private static func withoutID(_ options: [String]) -> [String] {
        guard let place = options.firstIndex(of: "id") else { return options }
        return Array(options[..<place] + options[min(place + 2, options.count)...])
    }

    // MARK: at run time

    /// Whether the way that servers are chosen lets some come at run time.
    static func isDynamic(_ settings: [[BackendLine.Word]]) -> Bool {
        let balance = settings.last { $0.first?.text == "balance" }?.dropFirst().first?.text ?? "roundrobin"
        let isConsistent = settings.last { $0.first?.text == "hash-type" }?.dropFirst().first?.text == "consistent"
        let named = balance.prefix { $0 != "(" }
        return ["roundrobin", "leastconn", "first", "random"].contains(named) || isConsistent && named != "static-rr"
    }

    /// Whether `add server` takes these words: others come by the file.
    static func canAdd(_ words: [String]) -> Bool {
        var rest = words[...]
        while let word = rest.popFirst() {
            guard let count = arguments[word], rest.count >= count else { return false }
            for value in rest.prefix(count) where value.contains(where: { "\"'\\$;".contains($0) }) { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// How many words follow each that `add server` takes.
    private static let arguments: [String: Int] = {
        let alone = [
            "check", "agent-check", "allow-0rtt", "check-send-proxy", "check-ssl", "check-via-socks4", "no-check",
            "no-ssl-reuse", "no-tls-tickets", "send-proxy", "send-proxy-v2", "send-proxy-v2-ssl", "ssl", "tfo",
            "tls-tickets", "enabled", "disabled",
        ]
        let followed = [
            "addr", "agent-addr", "agent-inter", "agent-port", "agent-send", "alpn", "ca-file", "check-alpn",
            "check-proto", "check-sni", "ciphers", "ciphersuites", "crl-file", "crt", "downinter", "error-limit",
            "fall", "fastinter", "inter", "maxconn", "maxqueue", "minconn", "observe", "on-error", "on-marked-down",
            "on-marked-up", "pool-low-conn", "pool-max-conn", "pool-purge-delay", "port", "proto", "proxy-v2-options",
            "rise", "slowstart", "sni", "source", "ssl-max-ver", "ssl-min-ver", "verify", "verifyhost", "weight", "ws",
        ]
        return Dictionary(alone.map { ($0, 0) } + followed.map { ($0, 1) }) { first, _ in first }
    }()

    /// `30s`, `1500`, `2m`: milliseconds unless it says otherwise.
    static func time(_ word: String) -> Duration? {
        guard let number = Int64(word.prefix(while: \.isNumber)), (0...86_400_000).contains(number) else { return nil }
        return switch word.drop(while: \.isNumber) {
        case "", "ms": .milliseconds(number)
        case "us": .microseconds(number)
        case "s": .seconds(number)
        case "m": .seconds(number * 60)
        case "h": .seconds(number * 3600)
        default: nil
        }
    }
}
