import Fleet
import Synchronization

/// A connector that tells how hosts were connected to, and what each was asked to do.
final class TracingConnector: Connector {
    private let inner: any Connector
    private let server: any ServerInspecting
    private let terminal: Terminal
    private let connected = Mutex<Set<Endpoint>>([])

    init(_ inner: any Connector, _ server: any ServerInspecting, _ terminal: Terminal) {
        (self.inner, self.server, self.terminal) = (inner, server, terminal)
    }

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        let begun = ContinuousClock.now
        do {
            let transport = try await inner.transport(to: endpoint)
            let isFirst = connected.withLock { $0.insert(endpoint).inserted }
            if isFirst { await tellConnected(endpoint, ContinuousClock.now - begun) }
            return TracingTransport(inner: transport, terminal: terminal)
        } catch {
            let time = (ContinuousClock.now - begun).short
            terminal.trace(.connections, "\(endpoint.host): not connected after \(time): \(error.message)")
            throw error
        }
    }

    func closeAll() async { await inner.closeAll() }

    private func tellConnected(_ endpoint: Endpoint, _ time: Duration) async {
        guard endpoint.connection == .ssh else { return }
        let user = endpoint.user.map { "\($0)@" } ?? ""
        let login = await server.login(to: endpoint)
        let way = endpoint.jumps.map { " through \($0.address)" }.joined()
        let facts = [login?.hostKey.map { "host key \($0)" }, login?.accepted.map { "accepted \($0)" }]
        let known = facts.compactMap(\.self).joined(separator: ", ")
        terminal.trace(
            .connections,
            "\(endpoint.host): \(login?.wasKept == true ? "still connected" : "connected") to \(user)\(endpoint.address):\(endpoint.port)\(way) in "
                + time.short + (known.isEmpty ? "" : " (\(known))"))
    }
}

/// A transport that tells what its host was asked to do.
private struct TracingTransport: Transport {
    let inner: any Transport
    let terminal: Terminal
    var host: HostName { inner.host }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        try await traced(command) { () throws(TransportError) in
            try await inner.run(command, outputLimit: outputLimit)
        }
    }

    func run(
        _ command: RemoteCommand, streaming sink: @escaping OutputSink
    ) async throws(TransportError) -> CommandResult {
        let beginning = WrittenBeginning()
        return try await traced(command, beginning) { () throws(TransportError) in
            try await inner.run(command) { stream, piece in
                beginning.take(piece, stream)
                sink(stream, piece)
            }
        }
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        let begun = ContinuousClock.now
        do {
            try await inner.upload(localFile, to: path, mode: mode, privilege: privilege)
        } catch {
            terminal.trace(.commands, "\(host): did not take \(localFile) as \(path): \(error.message)")
            throw error
        }
        let time = (ContinuousClock.now - begun).short
        terminal.trace(.commands, "\(host): took \(localFile) as \(path) in \(time)")
    }

    func close() async { await inner.close() }

    private func traced(
        _ command: RemoteCommand, _ streamed: WrittenBeginning? = nil,
        _ work: () async throws(TransportError) -> CommandResult
    ) async throws(TransportError) -> CommandResult {
        let begun = ContinuousClock.now
        let words = TracedCommand(command)
        do {
            let result = try await work()
            terminal.trace(
                .commands,
                "\(host): \(words.summary): status \(result.status) in \((ContinuousClock.now - begun).short)")
            for line in words.streams(streamed?.joined(result) ?? result) {
                terminal.trace(.streams, "\(host): \(line)")
            }
            return result
        } catch {
            terminal.trace(.commands, "\(host): \(words.summary): \(error.message)")
            throw error
        }
    }
}

/// The first of what a command wrote that was handed on as it came.
private final class WrittenBeginning: Sendable {
    private let written = Mutex((output: [UInt8](), errors: [UInt8]()))

    func take(_ piece: [UInt8], _ stream: CommandStream) {
        written.withLock { written in
            let path = stream == .output ? \(output: [UInt8], errors: [UInt8]).output : \.errors
            let room = TracedCommand.longest + 1 - written[keyPath: path].count
            if room > 0 { written[keyPath: path] += piece.prefix(room) }
        }
    }

    /// `result` with it.
    func joined(_ result: CommandResult) -> CommandResult {
        var result = result
        (result.output, result.errors) = written.withLock(\.self)
        return result
    }
}

/// What is told of a command.
struct TracedCommand {
    private let command: RemoteCommand

    init(_ command: RemoteCommand) { self.command = command }

    /// How much of a script, and of what is read and written, is told.
    private static let longestSummary = 100
    fileprivate static let longest = 4096

    /// The command in a line.
    var summary: String {
        let rights = if case .become(let user) = command.privilege { "as \(user), " } else { "" }
        guard !command.isConfidential else { return rights + "what no_log may hide" }
        let line = command.shellLine.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let isCut = line.count > Self.longestSummary || line.utf8.count < command.shellLine.utf8.count
        return rights + line.prefix(Self.longestSummary) + (isCut ? " …" : "")
    }

    /// What went there and came back, a stream a piece.
    func streams(_ result: CommandResult) -> [String] {
        guard !command.isConfidential else { return [] }
        return [
            ("ran", Array(command.shellLine.utf8)), ("read", command.input), ("wrote", result.output),
            ("complained", result.errors),
        ]
        .compactMap { verb, bytes in bytes.isEmpty ? nil : "\(verb)\n" + Self.text(bytes) }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix(longest), as: UTF8.self)
        return bytes.count > longest ? text + "\n… and more" : text
    }
}

extension Duration {
    /// `12 ms`, `3.4s`
    fileprivate var short: String {
        self < .seconds(1) ? "\(Int(self / .milliseconds(1))) ms" : inSeconds
    }
}
