public import Fleet

/// Asks a host how busy its processors are: what the kernel counted, twice.
enum LoadScript {
    static let text = "head -n 1 /proc/stat; sleep 0.5; head -n 1 /proc/stat"

    /// What the two lines come to; `nil` for what is none.
    static func load(_ answer: String) -> HostLoad? {
        let readings = answer.lines.compactMap(Reading.init)
        guard readings.count == 2 else { return nil }
        let busy = readings[1].busy - readings[0].busy
        let all = busy + readings[1].idle - readings[0].idle
        guard all > 0, busy >= 0 else { return nil }
        return HostLoad(cpu: busy / all)
    }

    private struct Reading {
        let busy, idle: Double

        /// `cpu user nice system idle iowait irq softirq steal …`; what guests use is in the first two already.
        init?(_ line: String) {
            let words = line.split(separator: " ")
            let counts = words.dropFirst().prefix(8).compactMap { Double($0) }
            guard words.first == "cpu", counts.count == 8, counts.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
                return nil
            }
            idle = counts[3] + counts[4]
            busy = counts.reduce(0, +) - idle
        }
    }
}

extension ShellReleases {
    /// How busy the host is; see ``ReleaseControl``.
    public func load(of host: HostName) async throws(RolloutError) -> HostLoad? {
        LoadScript.load(try await run(LoadScript.text, on: host, deadline: .seconds(10)).text)
    }
}
