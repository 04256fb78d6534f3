import TaskModules

/// Scripts that hosts were asked with lately: those that are asked the same share one.
struct ProbeScripts {
    private var known: [[Probe]: ProbeScript] = [:]
    /// When there are more, each host is asked something of its own, and nothing is gained by keeping them.
    private static let most = 32

    /// The script that asks `probes`.
    mutating func script(for probes: [Probe]) -> ProbeScript {
        if let script = known[probes] { return script }
        let script = ProbeScript(probes)
        if known.count >= Self.most { known = [:] }
        known[probes] = script
        return script
    }
}
