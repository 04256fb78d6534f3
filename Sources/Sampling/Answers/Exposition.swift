/// What an agent answers at `/metrics`: under node_exporter's names where it has them with the same meaning, else `drover_…`.
///
/// In a container, names of node_exporter stand only for what is the container's own: its network, its memory by its
/// limit, its pressure. Its processors' time is `drover_cpu_seconds_total`.
public struct Exposition: Sendable {
    /// The latest counters.
    public var reading: Reading
    /// What they came to in the last second.
    public var sample: Sample?
    /// What the balancers are told, in percent.
    public var weight: Int
    /// Samples since the agent started.
    public var samples: UInt64

    /// What is to be answered.
    public init(reading: Reading, sample: Sample?, weight: Int, samples: UInt64) {
        self.reading = reading
        self.sample = sample
        self.weight = weight
        self.samples = samples
    }

    /// The answer's body.
    public var text: String {
        var out = PrometheusText()
        addAgent(to: &out)
        addShares(to: &out)
        if let group = reading.group {
            addGroup(group, to: &out)
        } else {
            addProcessors(to: &out)
            addKernel(to: &out)
            addPaging(to: &out)
            addDisks(to: &out)
        }
        addMemory(to: &out)
        addPressure(to: &out)
        addNetwork(to: &out)
        addFileSystems(to: &out)
        return out.text
    }

    private func addAgent(to out: inout PrometheusText) {
        out.add(
            "drover_agent_info", .gauge, "The agent's version, and whose figures these are.",
            [.init(labels: [("version", ProgramVersion.text), ("scope", reading.scope.rawValue)], value: "1")])
        out.add("drover_agent_samples_total", .counter, "Samples since the agent started.", String(samples))
        out.add(
            "drover_agent_weight_percent", .gauge, "What balancers are told of this host's headroom.", String(weight))
        out.add("node_time_seconds", .gauge, "The host's clock.", String(reading.time))
    }

    private func addShares(to out: inout PrometheusText) {
        guard let sample else { return }
        let modes: [Metric] = [.user, .nice, .system, .iowait, .steal, .idle]
        out.add(
            "drover_cpu_percent", .gauge, "Share of the processors that the host may use, as sar -u has it.",
            modes.map {
                .init(labels: [("mode", String($0.rawValue.dropFirst(4)))], value: PrometheusText.number(sample[$0]))
            })
        out.add(
            "drover_processors_allowed", .gauge, "Processors that the host may use.",
            PrometheusText.number(sample[.allowedProcessors]))
        out.add(
            "drover_processors_busy", .gauge, "Processors' worth of time that was used.",
            PrometheusText.number(sample[.busyProcessors]))
    }

    private func addMemory(to out: inout PrometheusText) {
        let named: [(String, Metric)] = [
            ("MemTotal", .memoryTotal), ("MemFree", .memoryFree), ("MemAvailable", .memoryAvailable),
            ("Buffers", .memoryBuffers), ("Cached", .memoryCached), ("Dirty", .memoryDirty),
            ("Committed_AS", .memoryCommitted), ("Active", .memoryActive), ("Inactive", .memoryInactive),
            ("AnonPages", .memoryAnonymous), ("Active_file", .memoryActiveFile), ("Inactive_file", .memoryInactiveFile),
            ("SwapTotal", .swapTotal), ("SwapFree", .swapFree),
        ]
        for (name, metric) in named {
            out.add(
                "node_memory_\(name)_bytes", .gauge, "Memory: \(name).",
                PrometheusText.number(sample?[metric].map { $0 * 1024 }))
        }
    }

    private func addPressure(to out: inout PrometheusText) {
        let group = reading.group
        let pressures = [
            ("cpu", group == nil ? reading.cpuPressure : group?.cpuPressure),
            ("memory", group == nil ? reading.memoryPressure : group?.memoryPressure),
            ("io", group == nil ? reading.ioPressure : group?.ioPressure),
        ]
        for (name, pressure) in pressures {
            out.add(
                "node_pressure_\(name)_waiting_seconds_total", .counter, "Time in which some task waited for \(name).",
                PrometheusText.seconds(pressure?.some, per: 1_000_000))
            // Of a machine's processors it is always 0, and node_exporter has none.
            guard name != "cpu" || group != nil else { continue }
            out.add(
                "node_pressure_\(name)_stalled_seconds_total", .counter, "Time in which all tasks waited for \(name).",
                PrometheusText.seconds(pressure?.full, per: 1_000_000))
        }
    }
}
