/// What carries a session's bytes: a socket, or a tunnel through a jump host. Used on the session's loop's thread.
protocol SessionStream: AnyObject {
    /// What libssh2 takes for its socket.
    var descriptor: Int32 { get }
    /// Where the bytes go instead of a socket.
    var tunnel: Tunnel? { get }
    /// Why nothing goes through any more, when the system can't say it.
    var causeOfEnd: String? { get }

    /// Calls `isReady` when there is something to read, until ``end()``.
    func begin(_ isReady: @escaping (Readiness) -> Void)
    /// Says what `isReady` is to be called for.
    func adjust(to interest: Readiness)
    /// Ends what ``begin(_:)`` began. Safe to repeat.
    func end()
    /// Nothing goes through after this. Safe to repeat.
    func shutDown()
}
