public import Fleet
import Synchronization

/// What copying came to on a host.
public struct CopyOutcome: Sendable, Equatable {
    /// How many files and folders were made there.
    public var copied = 0
    /// How much was sent.
    public var bytes = ByteCount(0)
    /// Links, modes and owners that were set.
    public var adjusted = 0
    /// How many entries were there already.
    public var same = 0
}

/// Files and folders of this machine, copied to many hosts at once.
public struct CopyFanOut: Sendable {
    private let copy: HostCopy
    private let privileges: [HostName: Privilege]

    /// A copy that has done nothing yet. Each local file is read once for its digest, however many hosts there are.
    ///
    /// - Parameters:
    ///   - target: The place on the hosts: a folder where it ends in `/` or is one. `~` is the login user's home.
    ///   - privileges: Whose rights it has, host by host; the login user's elsewhere.
    public init(
        _ trees: [LocalTree], to target: String, _ options: CopyOptions = CopyOptions(),
        privileges: [HostName: Privilege] = [:]
    ) {
        copy = HostCopy(
            trees: trees, target: Self.path(target), options: options, privilege: .login, digests: DigestCache())
        self.privileges = privileges
    }

    /// Copies to the hosts of `fanOut`.
    ///
    /// - Parameter ended: Called with one host's answer after the other.
    /// - Returns: Whether every host has everything.
    public func perform(
        with fanOut: FanOut, _ ended: @escaping @Sendable (HostAnswer<CopyOutcome>) -> Void
    ) async -> Bool {
        let hasFailed = Atomic(false)
        let work: FanOut.Work<CopyOutcome> = { transport, _ throws(TransportError) in
            var copy = copy
            copy.privilege = privileges[transport.host] ?? .login
            return try await copy.perform(over: transport)
        }
        await fanOut.each(work) { answer in
            if !answer.isSuccess { hasFailed.store(true, ordering: .relaxed) }
            ended(answer)
        }
        return !hasFailed.load(ordering: .relaxed)
    }

    /// The place, with neither a home folder that only a shell would find nor a name that looks like a flag.
    static func path(_ target: String) -> String {
        if target == "~" || target == "~/" { return "./" }
        if target.hasPrefix("~/") { return "./" + target.dropFirst(2) }
        return target.hasPrefix("-") ? "./" + target : target
    }
}
