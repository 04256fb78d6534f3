import Fleet

/// The commands for `ip` and `nft` that make a lab's network, built without doing anything.
struct LabNetwork: Sendable {
    let identity: LabIdentity
    let plan: LabPlan

    /// Where hosts find the package cache, on the gateway's address.
    static let cachePort = 3142

    /// The bridge with the gateway's address. It gets an alias that says whose it is.
    var makeBridge: Tool {
        Tool(
            "ip", "-batch", "-",
            input: """
                link add \(identity.bridge) address \(plan.gateway.hardwareAddress) type bridge
                address add \(plan.gateway)/24 dev \(identity.bridge)
                link set dev \(identity.bridge) alias "drover lab \(identity.name)" up

                """)
    }

    /// Names and addresses translated on the way out, and the way to the package cache.
    ///
    /// The cache listens on this machine's loopback only; `guard` keeps hosts from everything else there.
    var makeTable: Tool {
        Tool(
            "nft", "-f", "-",
            input: """
                table ip \(identity.table)
                delete table ip \(identity.table)
                table ip \(identity.table) {
                  chain guard {
                    type filter hook prerouting priority raw;
                    iifname "\(identity.bridge)" ip daddr 127.0.0.0/8 drop
                  }
                  chain inbound {
                    type nat hook prerouting priority dstnat;
                    iifname "\(identity.bridge)" ip daddr \(plan.gateway) tcp dport \(Self.cachePort) \
                dnat to 127.0.0.1:\(PackageCache.port)
                  }
                  chain outbound {
                    type nat hook postrouting priority srcnat;
                    ip saddr \(plan.network) oifname != "\(identity.bridge)" masquerade
                  }
                }

                """)
    }

    /// A namespace and a cable to the bridge for each of `hosts`.
    func makeCables(_ hosts: [LabHost]) -> Tool {
        let lines = hosts.map { host in
            let link = identity.link(host.address.last)
            let namespace = identity.namespace(host.address.last)
            return """
                netns add \(namespace)
                link add \(link) type veth peer name eth0 address \(host.address.hardwareAddress) netns \(namespace)
                link set dev \(link) master \(identity.bridge) up

                """
        }
        return Tool("ip", "-batch", "-", input: lines.joined())
    }

    /// The host's own end of its cable.
    func makeAddress(_ host: LabHost) -> Tool {
        Tool(
            "ip", "-n", identity.namespace(host.address.last), "-batch", "-",
            input: """
                link set dev lo up
                address add \(host.address)/24 dev eth0
                link set dev eth0 up
                route add default via \(plan.gateway)

                """)
    }
}
