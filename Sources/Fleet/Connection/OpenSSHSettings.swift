/// The user's own settings for OpenSSH: what holds about the way to a host where nobody else says anything.
public protocol OpenSSHSettings: Sendable {
    /// Private keys that they name, for whichever host, as they stand there.
    var keyFiles: [String] { get }

    /// What they say about a host; `nil` when they say nothing. Its ``ConnectionSettings/address`` is the one to connect to
    /// instead of `name`.
    ///
    /// - Parameters:
    ///   - name: As it would stand after `ssh`.
    ///   - user: Who logs in, where that is settled; `Match` may ask.
    ///   - port: The port, where that is settled.
    ///   - host: The host that it is asked for.
    /// - Throws: ``TransportError`` `.unsupported` when they can't be known.
    func settings(
        for name: String, user: String?, port: UInt16?, host: HostName
    ) async throws(TransportError) -> ConnectionSettings?
}
