import AdHoc
import Fleet

extension HostAccess {
    /// Does `work` on `hosts` and hangs up. Passphrases of keys are asked for before; Ctrl-C leaves out the hosts whose work
    /// has not begun, and the second one also ends what runs on the others.
    /// - Parameter isEndless: Whether the work goes on until Ctrl-C, the first one.
    func fanOut<Answer: Sendable>(
        over hosts: [HostName], at pace: Pace = Pace(), isEndless: Bool = false, _ terminal: Terminal,
        _ work: @escaping @Sendable (FanOut) async -> Answer
    ) async throws -> Answer {
        let routes = try hosts.map { try route(to: $0) }
        try await connections.unlockKeys(for: routes, terminal)
        let stop = StopSignal()
        let fanOut = FanOut(
            routes, over: connections.dialer, at: pace.capped(at: Composition.connectionsAtOnce), until: stop)
        let signals = SignalHandling(
            terminal: terminal, stop: isEndless ? nil : stop, stopping: { fanOut.standing.stopping },
            cancelling: isEndless ? nil : "stopping now, and ending what runs on the hosts")
        let answer = try await signals.during {
            async let _: Void = isEndless ? () : FanOutProgress(fanOut, terminal).follow()
            return await work(fanOut)
        }
        await connections.closeAll()
        return answer
    }
}
