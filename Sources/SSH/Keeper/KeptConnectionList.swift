public import Fleet
import Glibc

/// Asks the keepers of this user and this program what they keep.
public struct KeptConnectionList: Sendable {
    private let place: KeeperPlace?

    /// - Parameter environment: This process's, which says where keepers are.
    public init(environment: [String: String]) { place = KeeperPlace(environment: environment) }

    /// Every kept connection, in the hosts' order. No keeper is started for it.
    public func connections() async -> [KeptConnectionFacts] {
        var all: [KeptConnectionFacts] = []
        for socket in place?.sockets.own ?? [] {
            if case .answer(.connections(let connections)) = await ask(.list, at: socket) { all += connections }
        }
        return all.sorted { ($0.host, $0.since) < ($1.host, $1.since) }
    }

    /// Ends the connections to `hosts`: those in use once they are not. No name means all, and the keepers of other programs
    /// end too: an earlier or a later Drover's.
    /// - Returns: How many this program's keepers had.
    public func close(_ hosts: [HostName]) async -> Int {
        guard let sockets = place?.sockets else { return 0 }
        var count = 0
        for socket in sockets.own {
            if case .answer(.closed(let closed)) = await ask(.close(hosts), at: socket) { count += closed }
        }
        // A keeper whose socket is gone ends. What is left of one that was killed goes with it.
        if hosts.isEmpty { for socket in sockets.own + sockets.others { unlink(socket) } }
        return count
    }

    private func ask(_ request: KeeperRequest, at socket: String) async -> KeeperCall.Outcome {
        let descriptor = await offTheLoop { UnixSocket.connected(to: socket) }
        guard let descriptor else { return .nobody }
        // The host that is asked about is none.
        guard let host = try? HostName("keeper") else { return .nobody }
        return await KeeperQuestion(descriptor, host, on: LoopGroup.shared.next()).answer(to: request)
    }
}

/// One question to a keeper.
private actor KeeperQuestion {
    private nonisolated let loop: SessionLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    private let call: KeeperCall

    init(_ descriptor: Int32, _ host: HostName, on loop: SessionLoop) {
        self.loop = loop
        call = KeeperCall(descriptor, about: host, on: loop)
    }

    func answer(to request: KeeperRequest) async -> KeeperCall.Outcome {
        let outcome = await withCheckedContinuation { call.ask(request, $0) }
        call.hangUp()
        return outcome
    }
}
