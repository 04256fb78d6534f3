import Fleet
import OrderedCollections
import Values

/// Interfaces, addresses and default routes.
enum NetworkFacts {
    static let names = [
        "interfaces", "default_ipv4", "default_ipv6", "all_ipv4_addresses", "all_ipv6_addresses", "dns", "lo",
    ]

    static let lines = [
        "printf '@@ link\\n'; ip -o link show",
        "printf '@@ address\\n'; ip -o addr show",
        "printf '@@ route4\\n'; ip -o -4 route get 8.8.8.8",
        "printf '@@ route6\\n'; ip -o -6 route get 2404:6800:400a:800::1012",
        "printf '@@ files\\n'; grep -sH '' /etc/resolv.conf",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        var interfaces = links(parts["link"])
        addAddresses(parts["address"], to: &interfaces)
        var facts: Variables = [
            "interfaces": .list(interfaces.keys.map(Value.string)),
            "all_ipv4_addresses": .list(addresses(interfaces, family: "ipv4", besides: "127.")),
            "all_ipv6_addresses": .list(addresses(interfaces, family: "ipv6", besides: "::1")),
            "default_ipv4": defaultRoute(parts.first("route4"), interfaces, family: "ipv4"),
            "default_ipv6": defaultRoute(parts.first("route6"), interfaces, family: "ipv6"),
            "dns": resolver(parts.files("files")["/etc/resolv.conf"] ?? []),
        ]
        for (name, interface) in interfaces { facts[factName(name)] = interface.asMap }
        return facts
    }

    /// An interface's name as a variable's.
    private static func factName(_ interface: String) -> String {
        String(interface.map { "-.:".contains($0) ? "_" : $0 })
    }

    private static func links(_ lines: [Substring]) -> OrderedDictionary<String, Variables> {
        var interfaces: OrderedDictionary<String, Variables> = [:]
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 2 else { continue }
            let name = String(words[1].prefix { $0 != ":" && $0 != "@" })
            let flags = words[2].filter { $0 != "<" && $0 != ">" }.split(separator: ",")
            interfaces[name] = [
                "device": .string(name), "active": .bool(flags.contains("UP")),
                "promisc": .bool(flags.contains("PROMISC")),
                "mtu": .int(word(after: "mtu", in: words).flatMap { Int($0) } ?? 0),
                "type": .string(flags.contains("LOOPBACK") ? "loopback" : "ether"),
            ]
            if let address = word(after: "link/ether", in: words) { interfaces[name]?["macaddress"] = .string(address) }
        }
        return interfaces
    }

    private static func addAddresses(_ lines: [Substring], to interfaces: inout OrderedDictionary<String, Variables>) {
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 3, let interface = interfaces[words[1]] else { continue }
            let parts = words[3].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            let prefix = parts.count > 1 ? parts[1] : words[2] == "inet" ? "32" : "128"
            if words[2] == "inet" {
                let address = ipv4(parts[0], prefix: Int(prefix) ?? 32, broadcast: word(after: "brd", in: words))
                interfaces[words[1]] = adding(address, to: interface)
            } else {
                let address = Value.map([
                    "address": .string(parts[0]), "prefix": .string(prefix),
                    "scope": .string(word(after: "scope", in: words) ?? ""),
                ])
                var list: [Value] = []
                if case .list(let known)? = interface["ipv6"] { list = known }
                interfaces[words[1]]?["ipv6"] = .list(list + [address])
            }
        }
    }

    private static func adding(_ address: Value, to interface: Variables) -> Variables {
        var interface = interface
        guard interface["ipv4"] != nil else {
            interface["ipv4"] = address
            return interface
        }
        var others: [Value] = []
        if case .list(let known)? = interface["ipv4_secondaries"] { others = known }
        interface["ipv4_secondaries"] = .list(others + [address])
        return interface
    }

    private static func ipv4(_ address: String, prefix: Int, broadcast: String?) -> Value {
        let mask = prefix == 0 ? 0 : UInt32.max << UInt32(32 - min(max(prefix, 0), 32))
        return .map([
            "address": .string(address), "broadcast": .string(broadcast ?? ""), "netmask": .string(dotted(mask)),
            "network": .string(dotted(number(address) & mask)), "prefix": .string(String(prefix)),
        ])
    }

    private static func number(_ address: String) -> UInt32 {
        address.split(separator: ".").reduce(0) { $0 << 8 | (UInt32($1) ?? 0) }
    }

    private static func dotted(_ number: UInt32) -> String {
        [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
    }

    private static func addresses(
        _ interfaces: OrderedDictionary<String, Variables>, family: String, besides: String
    ) -> [Value] {
        interfaces.values.flatMap { interface -> [Value] in
            let all = [interface[family], interface[family + "_secondaries"]].flatMap { value -> [Value] in
                if case .list(let list)? = value { return list }
                return value.map { [$0] } ?? []
            }
            return all.compactMap { $0["address"] }.filter { $0.text?.hasPrefix(besides) == false }
        }
    }

    /// The route as `ip route get` prints it, with the interface's own facts.
    private static func defaultRoute(
        _ line: String, _ interfaces: OrderedDictionary<String, Variables>, family: String
    ) -> Value {
        let words = line.split(separator: " ").map(String.init)
        guard let name = word(after: "dev", in: words), let address = word(after: "src", in: words),
            let interface = interfaces[name]
        else { return Variables().asMap }
        var route: Variables = ["address": .string(address), "interface": .string(name), "alias": .string(name)]
        if let gateway = word(after: "via", in: words) { route["gateway"] = .string(gateway) }
        for key in ["mtu", "type", "macaddress"] { route[key] = interface[key] }
        if family == "ipv4", case .map(let fields)? = interface["ipv4"] {
            for key in ["broadcast", "netmask", "network", "prefix"] { route[key] = fields[.string(key)] }
        }
        return route.asMap
    }

    private static func resolver(_ lines: [Substring]) -> Value {
        func values(_ key: String) -> [Value] {
            lines.map { $0.split(separator: " ") }.filter { $0.first.map(String.init) == key }
                .flatMap { $0.dropFirst().map { .string(String($0)) } }
        }
        var dns: Variables = ["nameservers": .list(values("nameserver"))]
        if !values("search").isEmpty { dns["search"] = .list(values("search")) }
        return dns.asMap
    }

    private static func word(after key: String, in words: [String]) -> String? {
        guard let index = words.firstIndex(of: key), index + 1 < words.count else { return nil }
        return words[index + 1]
    }
}
