public import Fleet

/// A question about a host that changes nothing.
public enum Probe: Hashable, Sendable {
    /// Type, mode, owner, size, times and link target of a path; symbolic links are not followed.
    case path(String)
    /// The same of what a path leads to when links are followed.
    case target(String)
    /// SHA-1 of a file's content, lower-case hex (what Ansible calls `checksum`).
    case sha1(String)
    /// SHA-256 of a file's content, lower-case hex.
    case sha256(String)
    /// A file's whole content.
    case content(String)
    /// Installed version and state of a Debian package.
    case package(String)
    /// Candidate version of a Debian package in the host's lists.
    case candidate(String)
    /// passwd entry, primary group's name, supplementary groups, shadow state of a user.
    case user(String)
    /// group entry.
    case group(String)
    /// Active and enablement state of a systemd unit.
    case unit(String)
    /// One set of facts.
    case facts(FactSubset)
}

/// Facts that are gathered together.
public enum FactSubset: String, Hashable, Sendable, CaseIterable {
    /// Distribution, kernel, architecture, host name, service and package managers.
    case system
    /// Addresses, interfaces, default route.
    case network
    /// Processors and memory.
    case hardware
    /// Environment and identity of the user tasks run as.
    case user
    /// Date and time.
    case time
}

/// What is known of one host with one privilege.
public struct Snapshot: Sendable {
    private var answers: [Probe: Answer] = [:]

    /// Nothing is known.
    public init() {}

    /// The answer to `probe`, `nil` when it has not been asked or has become stale.
    public subscript(probe: Probe) -> Answer? {
        get { answers[probe] }
        set { answers[probe] = newValue }
    }

    /// Those of `probes` that have no answer.
    public func missing(_ probes: [Probe]) -> [Probe] { probes.filter { answers[$0] == nil } }
}
