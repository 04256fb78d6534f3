import Fleet

/// What a pool must be like to be written into HAProxy's commands and files.
enum PoolRules {
    /// - Throws: ``InputError`` saying what is wrong, before any balancer is asked.
    static func check(_ pool: Pool) throws(InputError) {
        guard !pool.name.isEmpty, pool.name.utf8.allSatisfy(isNameByte) else {
            throw InputError(
                "pool name '\(pool.name)' has a character that no backend has",
                hints: ["use letters, digits, '.', '_', ':' and '-'"])
        }
        guard pool.configFile.hasPrefix("/"), pool.configFile.hasSuffix(".cfg") else {
            throw InputError("pool file '\(pool.configFile)' must be an absolute path that ends in .cfg")
        }
        guard pool.socket.hasPrefix("/") else {
            throw InputError("admin socket '\(pool.socket)' must be an absolute path")
        }
        try check(pool.check)
        if let agent = pool.traffic.agent { try check(agent, pool) }
        for member in pool.members { try check(member) }
        let hosts = pool.members.map(\.host)
        if let twice = hosts.first(where: { host in hosts.count { $0 == host } > 1 }) {
            throw InputError("\(twice) is twice in pool \(pool.name)")
        }
    }

    /// A member's address must be literal: HAProxy accepts a name for a server added at run time and never resolves it.
    static func check(_ member: PoolMember) throws(InputError) {
        guard ServerAddress(address: member.address, port: member.port).isLiteral else {
            throw InputError(
                "the address of \(member.host) must be an IP address, not '\(member.address)'",
                hints: ["set ansible_host or the pool's address variable of \(member.host) to its address"])
        }
        guard (1...65535).contains(member.port) else {
            throw InputError("port \(member.port) of \(member.host) must be 1 to 65535")
        }
    }

    private static func check(_ check: Pool.Check) throws(InputError) {
        let isPlain = check.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'\\#;".utf8.contains($0) }
        guard check.path.hasPrefix("/"), isPlain else {
            throw InputError("check path '\(check.path)' must begin with '/' and have no spaces or quotes")
        }
        guard check.expect.lowerBound >= 100, check.expect.upperBound <= 599 else {
            throw InputError("what a check expects must be a status from 100 to 599, or a range of them")
        }
        guard check.interval >= .milliseconds(1), check.interval <= .seconds(86400) else {
            throw InputError("the time between checks must be 1 ms to 1 day")
        }
        guard (1...100).contains(check.rise), (1...100).contains(check.fall) else {
            throw InputError("rise and fall must be 1 to 100")
        }
    }

    private static func check(_ agent: PoolTraffic.Agent, _ pool: Pool) throws(InputError) {
        guard (1...65535).contains(agent.port) else { throw InputError("the agent's port must be 1 to 65535") }
        guard agent.interval >= .milliseconds(1), agent.interval <= .seconds(86400) else {
            throw InputError("the time between questions to the agent must be 1 ms to 1 day")
        }
        guard pool.adoption == nil else {
            throw InputError(
                "the pool's settings are your own file's, and so is whether agents are asked",
                hints: ["write agent-check and agent-port into its server lines or its default-server"])
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._:-".utf8.contains(byte)
        }
    }
}
