import Fleet
import Foundation

/// The files that make the base image one particular host, as text made from text.
struct HostFiles: Sendable {
    let identity: LabIdentity
    let plan: LabPlan
    let host: LabHost
    /// The lab's public key.
    let publicKey: String
    /// Name servers that can be asked from another machine.
    let nameServers: [String]

    private static let begin = "# drover lab: the lab's hosts"
    private static let end = "# drover lab: end"

    /// `hosts(5)`: what stood there, with the lab's hosts in a block of their own.
    func hostTable(_ old: String) -> String {
        var kept: [Substring] = []
        var isInside = false
        for line in old.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == Self.begin { isInside = true }
            if !isInside { kept.append(line) }
            if line == Self.end { isInside = false }
        }
        while kept.last?.isEmpty == true { kept.removeLast() }
        let base = kept.isEmpty ? ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"] : kept
        let block = plan.hosts.map { Substring("\($0.address) \($0.name)") }
        return (base + [Substring(Self.begin)] + block + [Substring(Self.end)]).joined(separator: "\n") + "\n"
    }

    /// The name the host calls itself: the inventory's, as far as a host name can have its characters.
    var hostname: String {
        String(host.name.description.map { $0 == "_" || $0 == ":" ? "-" : $0 }.prefix(64))
    }

    /// Thirty-two hexadecimal digits that are this host's and no other's.
    var machineID: String {
        let seeds = ["a", "b"].map { "\($0) \(identity.folder) \(host.name)" }
        return seeds.map { Hex.text(FNVHash.long($0.utf8), digits: 16) }.joined()
    }

    var resolver: String { nameServers.map { "nameserver \($0)\n" }.joined() }

    var aptProxy: String { "Acquire::http::Proxy \"http://\(plan.gateway):\(LabNetwork.cachePort)\";\n" }

    /// For containers on the host. Without control groups to count processes by, a runtime may not be told to limit them.
    static let containerSettings = "# drover lab: this host has no controller for it.\n[containers]\npids_limit = 0\n"

    var sshSettings: String { "Port \(host.port)\nUseDNS no\n" }

    var sudoers: String { "\(host.user) ALL=(ALL:ALL) NOPASSWD: ALL\n" }

    /// Name servers of `resolv.conf` that a host can reach: those on loopback are for this machine alone.
    static func nameServers(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver", !words[1].hasPrefix("127."), words[1] != "::1" else {
                return nil
            }
            return String(words[1])
        }
    }
}

/// The lines of `passwd`, `shadow` and `group` with one more user, who logs in by key alone.
struct Accounts: Equatable, Sendable {
    var passwd: String
    var shadow: String
    var group: String

    /// A user's numbers and home.
    struct Account: Equatable, Sendable {
        var user: UInt32
        var group: UInt32
        var home: String
    }

    /// The account of `user`, if there is one.
    func account(of user: String) -> Account? {
        for line in passwd.split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count == 7, fields[0] == user, let number = UInt32(fields[2]), let own = UInt32(fields[3])
            else {
                continue
            }
            return Account(user: number, group: own, home: String(fields[5]))
        }
        return nil
    }

    /// Adds `user` with the next free numbers, unless there is such a user.
    mutating func add(_ user: String) {
        guard account(of: user) == nil else { return }
        let taken = Self.numbers(passwd).union(Self.numbers(group))
        guard let number = (1000...59999).first(where: { !taken.contains($0) }) else { return }
        passwd = Self.ended(passwd) + "\(user):x:\(number):\(number)::/home/\(user):/bin/sh\n"
        shadow = Self.ended(shadow) + "\(user):*:19000:0:99999:7:::\n"
        group = Self.ended(group) + "\(user):x:\(number):\n"
    }

    private static func numbers(_ text: String) -> Set<Int> {
        Set(
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: ":", omittingEmptySubsequences: false)
                return fields.count > 2 ? Int(fields[2]) : nil
            })
    }

    private static func ended(_ text: String) -> String { text.isEmpty || text.hasSuffix("\n") ? text : text + "\n" }
}
