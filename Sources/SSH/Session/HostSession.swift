import Fleet

/// A connection to one host, whatever speaks SSH with it. Everything it does happens on its loop's thread.
protocol HostSession: Actor {
    /// Whether it can still carry commands.
    var isAlive: Bool { get }
    /// How the host let us in.
    var login: LoginFacts { get }

    /// Runs a command in the privilege's shell.
    func run(
        _ command: RemoteCommand, limit: ByteCount, sink: OutputSink?
    ) async throws(TransportError) -> CommandResult
    /// Copies a file through a shell of its own.
    func upload(_ upload: Upload, resuming: Bool) async throws(TransportError)
    /// Whether the host answers in time while nothing is asked of it otherwise.
    func answers(within patience: Duration) async -> Bool
    /// How many shells there are.
    var shellCount: Int { get }
    /// Takes nothing from the host any more, or goes on with that: whoever reads is slower.
    func hold(_ isHeld: Bool)
    /// Ends the connection. Safe to repeat.
    func close()
}

extension SSHSession: HostSession {
    var login: LoginFacts {
        LoginFacts(hostKey: hostKey.map { "\($0.algorithm.name) \($0.fingerprint)" }, accepted: acceptedLogin)
    }
}
