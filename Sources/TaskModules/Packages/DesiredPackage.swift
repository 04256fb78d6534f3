import Values

/// One package as a task names it: `name`, `name=version`, `name=1.2*`, `name>=version`.
struct DesiredPackage: Sendable, Equatable {
    /// As apt takes it.
    let written: String
    /// The package's name, with an architecture where one is written.
    let name: String
    private let version: String?
    private let isAtLeast: Bool

    /// How a package stands.
    enum Judgement { case fine, missing, outdated, unavailable }

    /// Reads a name; `nil` when it cannot be one.
    init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let first = parts.first else { return nil }
        isAtLeast = first.hasSuffix(">")
        name = isAtLeast ? String(first.dropLast()) : first
        version = parts.count == 2 ? parts[1] : nil
        written = isAtLeast ? name : text
        guard name.count > 1, version != "", !name.hasPrefix("-"),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.:~_".contains($0)) })
        else { return nil }
    }

    /// Its state when it is installed.
    func installed(_ snapshot: Snapshot) -> PackageState? {
        guard case .package(let state)? = snapshot[.package(name)], state.isInstalled else { return nil }
        return state
    }

    /// How it stands on a host.
    func judged(_ snapshot: Snapshot, isLatest: Bool) -> Judgement {
        let candidate: String?
        if case .candidate(let version)? = snapshot[.candidate(name)] { candidate = version } else { candidate = nil }
        guard let installed = installed(snapshot) else {
            if case .names(let providers)? = snapshot[.providers(name)], !providers.isEmpty, candidate ?? "" == "" {
                return .fine
            }
            if snapshot[.candidate(name)] == .absent { return .unavailable }
            return .missing
        }
        if let version {
            if isAtLeast { return DebianVersion.isLess(installed.version, version) ? .outdated : .fine }
            return FileNamePattern(version).matches(installed.version) ? .fine : .outdated
        }
        guard isLatest, let candidate, !candidate.isEmpty else { return .fine }
        return DebianVersion.isLess(installed.version, candidate) ? .outdated : .fine
    }
}
