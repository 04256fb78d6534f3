import Fleet

/// The lines of a backend that say how members are checked and requests shared out, written and read back.
enum PoolSettings {
    /// The lines that `pool` wants.
    static func body(_ pool: Pool) -> [String] {
        let traffic = pool.traffic
        return ["mode \(traffic.mode.rawValue)"] + balance(traffic.balance)
            + (traffic.cookie.map { ["cookie \($0) insert indirect nocache"] } ?? []) + asking(pool)
            + [
                "option redispatch", "retries 3",
                "default-server " + ServerKeywords(pool.check, traffic).words,
            ]
    }

    /// What is chosen by a hash moves as few clients as can be when members come and go.
    private static func balance(_ balance: PoolTraffic.Balance) -> [String] {
        let line = "balance \(balance.rawValue)"
        return [.source, .uri].contains(balance) ? [line, "hash-type consistent"] : [line]
    }

    private static func asking(_ pool: Pool) -> [String] {
        guard pool.check.kind == .http else { return [] }
        return [
            "option httpchk",
            "http-check send meth GET uri \(pool.check.path) ver HTTP/1.1 hdr Host \(pool.name)",
            "http-check expect status \(pool.check.expect.lowerBound)-\(pool.check.expect.upperBound)",
        ]
    }

    /// How members are checked; `nil` when `settings` do not say it as Drover does.
    static func check(_ settings: [String]) -> Pool.Check? {
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
            if let times = ServerKeywords.times(words) {
                (check.interval, check.rise, check.fall) = times
                isKnown.times = true
            }
        }
        if !isKnown.path, settings.contains("mode tcp"), !settings.contains("option httpchk") {
            check.kind = .connect
            isKnown.path = true
        }
        return isKnown.path && isKnown.times ? check : nil
    }

    /// How requests are shared out; `nil` when `settings` do not say it as Drover does.
    static func traffic(_ settings: [String]) -> PoolTraffic? {
        var traffic = PoolTraffic(weight: 1)
        var isKnown = (mode: false, balance: false, times: false)
        for words in settings.map({ $0.split(separator: " ") }) where words.count > 1 {
            switch words[0] {
            case "mode":
                guard let mode = PoolTraffic.Mode(rawValue: String(words[1])) else { return nil }
                (traffic.mode, isKnown.mode) = (mode, true)
            case "balance":
                guard let balance = PoolTraffic.Balance(rawValue: String(words[1])) else { return nil }
                (traffic.balance, isKnown.balance) = (balance, true)
            case "cookie": traffic.cookie = String(words[1])
            case "default-server":
                isKnown.times = ServerKeywords.times(words) != nil
                if let weight = ServerKeywords.value("weight", in: words) { traffic.weight = Int(weight) ?? 1 }
                traffic.slowStart = ServerKeywords.value("slowstart", in: words).flatMap(ServerKeywords.milliseconds)
                traffic.agent = ServerKeywords.agent(words)
            default: break
            }
        }
        return isKnown == (true, true, true) ? traffic : nil
    }
}
