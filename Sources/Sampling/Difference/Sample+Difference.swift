extension Sample {
    /// What the host did between two readings; `nil` where no time has passed, or they are not of the same scope.
    public init?(from: Reading, to: Reading) {
        guard let interval = SampleInterval(from: from, to: to), from.scope == to.scope else { return nil }
        self.init(
            time: to.time, interval: interval.seconds, scope: to.scope,
            devices: Self.devices(from: from, to: to, over: interval), fileSystems: to.fileSystems)
        setNetwork(from: from, to: to, over: interval)
        if let old = from.group, let new = to.group {
            setGroup(from: old, to: new, of: to, over: interval)
        } else {
            disks = Self.disks(from: from, to: to, over: interval)
            setProcessors(from: from, to: to)
            setMachineMemory(to.memory)
            setMachinePaging(from: from.paging, to: to.paging, over: interval)
            setMachineRest(from: from, to: to, over: interval)
        }
    }

    private mutating func setNetwork(from: Reading, to: Reading, over interval: SampleInterval) {
        func tcp(_ name: String) -> Double? { interval.rate(from.tcp["Tcp.\(name)"], to.tcp["Tcp.\(name)"]) }
        func extended(_ name: String) -> Double? {
            interval.rate(from.tcpExtensions["TcpExt.\(name)"], to.tcpExtensions["TcpExt.\(name)"])
        }
        self[.established] = to.tcp["Tcp.CurrEstab"].map { Double($0) }
        self[.connectionsOpened] = tcp("ActiveOpens")
        self[.connectionsAccepted] = tcp("PassiveOpens")
        self[.segmentsIn] = tcp("InSegs")
        self[.segmentsOut] = tcp("OutSegs")
        self[.retransmits] = tcp("RetransSegs")
        self[.listenOverflows] = extended("ListenOverflows")
        self[.listenDrops] = extended("ListenDrops")
        self[.sockets] = to.sockets["sockets.used"].map { Double($0) }
        self[.timeWait] = to.sockets["TCP.tw"].map { Double($0) }
    }

    private mutating func setProcessors(from: Reading, to: Reading) {
        guard let shares = ProcessorShares(from: from, to: to) else { return }
        self[.user] = shares.user
        self[.nice] = shares.nice
        self[.system] = shares.system
        self[.iowait] = shares.iowait
        self[.steal] = shares.steal
        self[.idle] = shares.idle
        self[.busyProcessors] = (shares.user + shares.nice + shares.system) / 100 * Double(shares.online)
        self[.allowedProcessors] = Double(shares.online)
        self[.throttled] = 0
    }

    private mutating func setMachineRest(from: Reading, to: Reading, over interval: SampleInterval) {
        self[.runQueue] = to.load.map { Double($0.running) }
        self[.tasks] = to.load.map { Double($0.tasks) }
        self[.load1] = to.load.map { Double($0.load1) / 100 }
        self[.load5] = to.load.map { Double($0.load5) / 100 }
        self[.load15] = to.load.map { Double($0.load15) / 100 }
        self[.blocked] = to.kernel["procs_blocked"].map { Double($0) }
        self[.contextSwitches] = interval.rate(from.kernel["ctxt"], to.kernel["ctxt"])
        self[.forks] = interval.rate(from.kernel["processes"], to.kernel["processes"])
        self[.fileHandles] = to.fileHandles.map { Double($0) }
        self[.fileHandleLimit] = to.fileHandleLimit.map { Double($0) }
        setPressure(.cpuPressure, .cpuPressureFull, from: from.cpuPressure, to: to.cpuPressure, over: interval)
        setPressure(
            .memoryPressure, .memoryPressureFull, from: from.memoryPressure, to: to.memoryPressure, over: interval)
        setPressure(.ioPressure, .ioPressureFull, from: from.ioPressure, to: to.ioPressure, over: interval)
        setMachineTransfers(from: from.disks, to: to.disks, over: interval)
    }

    mutating func setPressure(
        _ some: Metric, _ full: Metric, from: PressureTotals?, to: PressureTotals?, over interval: SampleInterval
    ) {
        self[some] = interval.share(ofMicroseconds: from?.some, to?.some)
        self[full] = interval.share(ofMicroseconds: from?.full, to?.full)
    }
}
