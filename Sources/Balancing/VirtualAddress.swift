public import Fleet

/// An address that clients ask and that moves between balancers, as keepalived has it do.
enum VirtualAddress {
    /// How long another balancer may take to get it.
    private static let patience = Duration.seconds(10)

    /// Prints the lines of the host's addresses that are `address`.
    static func question(_ address: String) -> [String] {
        ["sh", "-c", #"{ ip -o address show || hostname -I; } 2>/dev/null | grep -wF -- "$1""#, "drover", address]
    }

    /// Whether the host of one of `transports` has it, or gets it soon.
    static func isHeld(
        _ address: String?, by transports: [any Transport], poll: Duration, _ clock: any Clock<Duration>
    ) async -> Bool {
        guard let address, let first = transports.first else { return false }
        let command = RemoteCommand(question(address), deadline: .seconds(5))
        // A wait that was cut short has found nothing.
        let isHeld = try? await wait(upTo: patience, every: poll, on: clock, for: first.host) {
            () async throws(TrafficError) -> Bool? in
            let answers = await forEachBounded(transports) { transport in
                // One that cannot be asked says nothing.
                (try? await transport.run(command, outputLimit: .mebibytes(1)))?.succeeded == true
            }
            return answers.contains(true) ? true : nil
        }
        return (isHeld ?? nil) == true
    }
}

extension HAProxyTraffic {
    /// Whether the pool's address is at another balancer; see ``TrafficControl``.
    public func isBypassed(_ balancer: HostName) async -> Bool { await hasMoved(from: balancer) }
}

extension NginxTraffic {
    /// Whether the pool's address is at another balancer; see ``TrafficControl``.
    public func isBypassed(_ balancer: HostName) async -> Bool { await hasMoved(from: balancer) }
}
