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
    /// What the user that asks may do with a path: read, write, execute.
    case access(String)
    /// Paths at and below a folder with their state, links not followed.
    case tree(String)
    /// Ageing and password fields of a user; empty unless asked as root.
    case shadow(String)
    /// Installed packages that provide a virtual package.
    case providers(String)
    /// Who the user that asks is, and the permission bits that its new files lack.
    case session
    /// The host's clock.
    case clock
    /// Output and status of a shell line that changes nothing.
    case query(String)
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
    /// The host's Python, if it has one.
    case python
    /// What the host's own files under `/etc/ansible/facts.d` say.
    case local
}

extension Probe {
    /// Whether no task of a play can change the answer in a way that matters: who asks, and what the machine is.
    var isLasting: Bool {
        switch self {
        case .session: true
        case .facts(let subset): subset != .time && subset != .local
        default: false
        }
    }

    /// Whether the answer depends on what stands at one of `paths`, below it, or as an entry of the folder it stands in.
    func isAbout(anyOf paths: [String]) -> Bool {
        switch self {
        case .path(let own), .target(let own), .sha1(let own), .sha256(let own), .content(let own), .access(let own):
            // Any of the paths may be a link, or stand behind one, so what is reached through links is asked again.
            paths.contains { Self.is(own, atOrBelow: $0) || Self.is($0, atOrBelow: own) }
        case .tree(let own): paths.contains { Self.is(own, atOrBelow: $0) || Self.is($0, atOrBelow: own) }
        case .unit: paths.contains { $0.contains("systemd") || $0.contains("/init.d") || $0.contains("/rc") }
        case .user, .group, .shadow: paths.contains { Self.accountFiles.contains($0) }
        case .candidate, .providers: paths.contains { Self.is($0, atOrBelow: "/etc/apt") }
        case .query: true
        case .facts(let subset): subset == .local
        default: false
        }
    }

    private static let accountFiles: Set<String> = [
        "/etc", "/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/nsswitch.conf",
    ]

    private static func `is`(_ path: String, atOrBelow folder: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}
