import Fleet
import Foundation

/// This machine as far as labs share it: its networks, packet forwarding and the package cache.
struct LabMachine: Sendable {
    let identity: LabIdentity

    private static let lock = "machine"

    private static let programs = [
        "systemd-nspawn", "mmdebstrap", "ip", "nft", "ssh", "ssh-keygen", "apt-cacher-ng", "setpriv", "setsid",
        "nsenter", "mount", "umount", "flock", "unshare", "losetup", "mkfs.ext4",
    ]

    /// Checks that this machine can have a lab at all.
    /// - Throws: ``LabError`` `.notRoot` or `.toolMissing`.
    static func check() throws(LabError) {
        guard geteuid() == 0 else {
            throw LabError(.notRoot, "a lab boots real hosts, which only root can do", hints: ["run it with sudo"])
        }
        let missing = Tool.missing(programs)
        guard missing.isEmpty else {
            throw LabError(
                .toolMissing, "not installed: \(missing.joined(separator: ", "))", hints: [LabError.installHint])
        }
    }

    /// Makes the lab's bridge, its packet filter and the package cache, as far as they are not there.
    func join(_ plan: LabPlan, onWait: @Sendable () -> Void) async throws(LabError) {
        let lock = try await FileLock.take(Self.lock, onWait: onWait)
        let network = LabNetwork(identity: identity, plan: plan)
        let addresses = try await InterfaceAddress.all()
        try checkFree(plan, addresses)
        let mine = addresses.filter { $0.interface == identity.bridge }
        if mine.map(\.address) != [plan.gateway.description] {
            try await Tool("ip", "link", "delete", identity.bridge).attempt()
            try await network.makeBridge.run()
        }
        for setting in KernelSetting.all { try setting.raise() }
        try KernelSetting.set("/proc/sys/net/ipv4/conf/\(identity.bridge)/route_localnet", "1\n")
        try await network.makeTable.run()
        try await PackageCache().start()
        _ = consume lock
    }

    /// Takes away what ``join(_:onWait:)`` made; the package cache too when no lab is left.
    func leave(onWait: @Sendable () -> Void) async throws(LabError) {
        let lock = try await FileLock.take(Self.lock, onWait: onWait)
        try await Tool("ip", "link", "delete", identity.bridge).attempt()
        try await Tool("nft", "delete", "table", "ip", identity.table).attempt()
        if try await Self.bridges().isEmpty {
            try await PackageCache().stop()
            for setting in KernelSetting.all { try setting.restore() }
        }
        _ = consume lock
    }

    /// Bridges of all labs on this machine.
    private static func bridges() async throws(LabError) -> [String] {
        try await links().filter { $0.wholeMatch(of: /dr[0-9a-f]{8}-br/) != nil }
    }

    /// Names of this machine's interfaces.
    static func links() async throws(LabError) -> [String] {
        try await Tool("ip", "-brief", "link").run().split(separator: "\n").compactMap { line in
            line.split(whereSeparator: { $0 == " " || $0 == "@" }).first.map(String.init)
        }
    }

    private func checkFree(_ plan: LabPlan, _ addresses: [InterfaceAddress]) throws(LabError) {
        for other in addresses where other.interface != identity.bridge && other.overlaps(plan.network) {
            let alias = SmallFile.read("/sys/class/net/\(other.interface)/ifalias")
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let owner = alias.isEmpty ? "" : " of \(alias)"
            throw LabError(
                .networkTaken,
                "\(plan.network) is in use on this machine: "
                    + "interface \(other.interface)\(owner) has \(other.address)/\(other.length)",
                hints: [
                    owner.isEmpty
                        ? "give the inventory's hosts addresses in another /24"
                        : "take the other lab down first, or give this one's hosts addresses in another /24"
                ])
        }
    }
}

/// An IPv4 address that an interface of this machine has.
struct InterfaceAddress: Equatable, Sendable {
    var interface: String
    var address: String
    /// How many bits of it are the network's.
    var length: Int

    /// Every IPv4 address of this machine.
    static func all() async throws(LabError) -> [InterfaceAddress] {
        try parse(await Tool("ip", "-json", "-4", "address").run())
    }

    /// Reads what `ip -json address` prints.
    static func parse(_ text: String) throws(LabError) -> [InterfaceAddress] {
        struct Link: Decodable {
            struct Info: Decodable {
                var local: String?
                var prefixlen: Int?
            }
            var ifname: String?
            var addresses: [Info]?
            enum CodingKeys: String, CodingKey {
                case ifname
                case addresses = "addr_info"
            }
        }
        do {
            return try JSONDecoder().decode([Link].self, from: Data(text.utf8)).flatMap { link in
                (link.addresses ?? []).compactMap { info in
                    guard let name = link.ifname, let local = info.local, let length = info.prefixlen else {
                        return nil
                    }
                    return InterfaceAddress(interface: name, address: local, length: length)
                }
            }
        } catch { throw LabError(.toolFailed, "could not read what ip says of this machine's addresses: \(error)") }
    }

    /// Whether this interface's network and `network`, a /24, share an address.
    func overlaps(_ network: String) -> Bool {
        guard let mine = Self.number(address), let start = Self.number(String(network.prefix { $0 != "/" })) else {
            return false
        }
        let bits = min(length, 24)
        let mask: UInt32 = bits == 0 ? 0 : ~0 << UInt32(32 - bits)
        return mine & mask == start & mask
    }

    private static func number(_ address: String) -> UInt32? {
        let octets = address.split(separator: ".").compactMap { UInt32($0) }
        return octets.count == 4 ? octets.reduce(0) { $0 << 8 | $1 } : nil
    }
}
