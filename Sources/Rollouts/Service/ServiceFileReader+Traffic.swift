import Fleet
import Values

/// How a pool's requests are shared out, as `pool:` says it.
extension ServiceFileReader {
    /// - Parameter interval: Between two checks of a member.
    func traffic(_ fields: ServiceFileFields, interval: Duration) -> PoolTraffic {
        var traffic = PoolTraffic()
        fields.take("mode", into: &traffic.mode) { fields, key throws(InputError) in
            try fields.word(key).flatMap { PoolTraffic.Mode(rawValue: $0) }
        }
        fields.take("balance", into: &traffic.balance) { fields, key throws(InputError) in
            try fields.word(key).flatMap { PoolTraffic.Balance(rawValue: $0) }
        }
        traffic.slowStart = fields.attempt { fields throws(InputError) in try slowStart(fields, interval) }
        traffic.agent = fields.attempt { fields throws(InputError) in try agent(fields) }
        let mode = traffic.mode
        traffic.cookie = fields.attempt { fields throws(InputError) in try cookie(fields, mode) }
        _ = fields.attempt { fields throws(InputError) -> Bool? in
            guard mode == .tcp, traffic.balance == .uri else { return nil }
            throw InputError("balance: uri goes with mode: http alone", at: fields.place("balance"))
        }
        return traffic
    }

    /// HAProxy raises a member's weight with each check.
    private func slowStart(_ fields: ServiceFileFields, _ interval: Duration) throws(InputError) -> Duration? {
        guard let time = try fields.duration("slow_start") else { return nil }
        guard time > interval else {
            throw InputError(
                "slow_start must be longer than the time between two checks, \(interval.written), but is \(time.written)",
                at: fields.place("slow_start"))
        }
        return time
    }

    private func agent(_ fields: ServiceFileFields) throws(InputError) -> PoolTraffic.Agent? {
        guard let node = fields["agent"] else { return nil }
        let isAsked = node.entries == nil ? try fields.flag("agent") ?? false : true
        guard isAsked else { return nil }
        try refuseNginx(fields)
        var agent = PoolTraffic.Agent()
        guard node.entries != nil else { return agent }
        let inner = try ServiceFileFields(node, .agent, fields.mistakes)
        inner.takeNumber("port", into: &agent.port)
        inner.takeTime("interval", into: &agent.interval)
        return agent
    }

    private func refuseNginx(_ fields: ServiceFileFields) throws(InputError) {
        if fields["driver"]?.text == Pool.Driver.nginx.rawValue {
            throw InputError(
                "agent: goes with driver: haproxy alone: nginx asks no agent, and takes no weight without reading its file again",
                at: fields.place("agent"), hints: ["leave it out, or use HAProxy: driver: haproxy"])
        }
    }

    private func cookie(_ fields: ServiceFileFields, _ mode: PoolTraffic.Mode) throws(InputError) -> String? {
        guard let node = fields["cookie"] else { return nil }
        guard mode == .http else {
            throw InputError("a cookie goes with mode: http alone", at: fields.place("cookie"))
        }
        let (name, place) =
            node.entries == nil
            ? (try fields.text("cookie"), node.location)
            : try cookie(ServiceFileFields(node, .cookie, fields.mistakes))
        let isPlain = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "_-".utf8.contains(byte)
        }
        guard isPlain, name.utf8.count <= 64 else {
            throw InputError(
                "the cookie's name has a character that it may not have, or is too long: '\(name)'", at: place,
                hints: ["use letters, digits, '_' and '-'"])
        }
        return name
    }

    private func cookie(_ fields: ServiceFileFields) throws(InputError) -> (String, SourceLocation) {
        (try fields.text("name"), fields.place("name"))
    }
}

extension ServiceFileFields {
    /// One of the words that `key` may have.
    func word(_ key: String) throws(InputError) -> String? {
        guard let text = try optionalText(key) else { return nil }
        let words = keys.words(of: key)
        guard words.contains(text) else {
            throw InputError(
                "\(key) must be one of \(words.joined(separator: ", ")), but is '\(text)'", at: place(key),
                hints: NearestNames.hints(for: text, among: words))
        }
        return text
    }
}
