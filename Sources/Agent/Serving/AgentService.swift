import Glibc
import Sampling

/// The agent at work: one thread that waits for a second to pass, for a connection, or for its end, and never for one of
/// them alone.
final class AgentService {
    private let configuration: AgentConfiguration
    private let reader: HostReader
    private let say: (String) -> Void
    private var history: HistoryFolder?
    private var listeners: [Listener] = []
    private var connections: [Connection] = []
    private var state = AgentState()
    private var historyFails = false

    /// Connections at once for each service, so that neither can keep the other out.
    private static let most = 64
    /// Seconds that a connection may last.
    private static let patience = 5.0

    /// Ports that it listens on, in the order of the configuration's addresses: page, check.
    var ports: [UInt16] { listeners.map(\.port) }

    init(_ configuration: AgentConfiguration, say: @escaping (String) -> Void) throws(SystemError) {
        self.configuration = configuration
        self.say = say
        reader = HostReader(source: configuration.source)
        for address in configuration.listen {
            if configuration.metricsPort != 0 {
                listeners.append(try Listener(address, port: configuration.metricsPort, for: .page))
            }
            if configuration.checkPort != 0 {
                listeners.append(try Listener(address, port: configuration.checkPort, for: .check))
            }
        }
        openHistory()
    }

    /// Works until it is told to end.
    func run() throws(SystemError) {
        var signals = EndSignals()
        var ticker = Ticker()
        ServiceNotice.send("READY=1")
        while !signals.came() {
            try wait(milliseconds: ticker.wait)
            if ticker.passed() { tick() }
        }
        ServiceNotice.send("STOPPING=1")
    }

    /// Without a history the agent still measures and answers; `/healthz` tells.
    private func openHistory() {
        guard !configuration.history.isEmpty else { return }
        do throws(SystemError) {
            let folder = try HistoryFolder(path: configuration.history)
            for path in folder.setAside {
                say("warning: the history is of another version, a new one is begun; the old is \(path)")
            }
            history = folder
        } catch {
            say("warning: no history is kept: \(error)")
        }
    }

    private func wait(milliseconds: Int32) throws(SystemError) {
        var polled = listeners.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        polled += connections.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
        guard poll(&polled, nfds_t(polled.count), milliseconds) >= 0 else {
            if errno == EINTR { return }
            throw SystemError("poll")
        }
        for (place, connection) in connections.enumerated() where polled[listeners.count + place].revents != 0 {
            connection.proceed(answer(from: connection))
        }
        for (place, listener) in listeners.enumerated() where polled[place].revents != 0 { take(from: listener) }
        let now = Ticker.now
        connections.removeAll { $0.isDone || $0.deadline < now }
    }

    private func take(from listener: Listener) {
        for _ in 0..<Self.most {
            guard let (descriptor, address) = listener.accept() else { return }
            let count = connections.reduce(0) { $1.service == listener.service ? $0 + 1 : $0 }
            let connection = Connection(
                descriptor, for: listener.service, isLocal: address?.isLoopback ?? false,
                deadline: Ticker.now + Self.patience)
            // What is not kept is closed.
            guard let address, configuration.allows(address), count < Self.most else { continue }
            if listener.service == .check { connection.send(Array("up \(state.weight.percent)%\n".utf8)) }
            connection.proceed(answer(from: connection))
            if !connection.isDone { connections.append(connection) }
        }
    }

    private func tick() {
        ServiceNotice.send("WATCHDOG=1")
        guard let reading = reader.read(), let sample = state.take(reading, at: Ticker.now) else { return }
        do throws(SystemError) {
            try history?.take(sample)
            historyFails = false
        } catch {
            if !historyFails { say("warning: a sample could not be kept: \(error)") }
            historyFails = true
        }
    }

    private func answer(from connection: Connection) -> (PageRequest) -> [UInt8] {
        { [configuration, state, history, historyFails] request in
            let page = AgentPage(state: state, token: connection.isLocal ? nil : configuration.token)
            let kept = historyFails ? nil : history?.kept
            return page.answer(to: request, kept: kept, at: Ticker.now).bytes(withBody: request.method != .head)
        }
    }
}
