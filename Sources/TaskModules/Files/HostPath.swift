import Fleet

/// A path as a task writes it: `~` and `$HOME` stand for the home folder of the user on the host.
struct HostPath: Sendable, Equatable {
    /// As written.
    let written: String

    private let home: Home

    /// A path as written.
    init(_ written: String) {
        self.written = written
        home = Self.home(of: written)
    }

    /// What must be known before the path is.
    func probes() -> [Probe] {
        switch home {
        case .none: []
        case .own: [.session]
        case .user(let name): [.user(name)]
        }
    }

    /// The path on the host, `nil` while it is not known yet.
    func resolved(_ snapshot: Snapshot) -> String? {
        switch home {
        case .none: return written
        case .own(let prefix):
            guard case .session(let session)? = snapshot[.session] else { return nil }
            return session.home + written.dropFirst(prefix.count)
        case .user(let name):
            switch snapshot[.user(name)] {
            case .user(let user): return user.home + written.dropFirst(name.count + 1)
            case nil: return nil
            default: return written
            }
        }
    }

    private enum Home: Equatable { case none, own(prefix: String), user(String) }

    private static func home(of written: String) -> Home {
        for prefix in ["~", "$HOME", "${HOME}"] where written == prefix || written.hasPrefix(prefix + "/") {
            return .own(prefix: prefix)
        }
        guard written.hasPrefix("~"), let name = written.dropFirst().split(separator: "/").first else { return .none }
        return .user(String(name))
    }
}

extension String {
    /// The folder a path stands in, `.` when the path has none.
    var parentFolder: String {
        let path = trimmingSlashes
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    var lastPathPart: String {
        let path = trimmingSlashes
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    /// Without slashes at the end, but `/` stays.
    var trimmingSlashes: String {
        var path = self
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }

    /// `name` below this folder; an absolute `name` stays as it is.
    func appendingPath(_ name: String) -> String {
        if name.hasPrefix("/") { return name }
        return hasSuffix("/") ? self + name : self + "/" + name
    }
}
