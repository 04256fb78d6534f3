public import Fleet
import Values

/// Where the builds lie that a service's machines share.
public enum SharedBuildsAddress: Hashable, Sendable, CustomStringConvertible {
    /// A folder of this machine, such as one of a network file system.
    case folder(String)
    /// A folder on a host, reached over SSH; what is `nil` is left to the inventories and the user's settings for OpenSSH.
    case host(HostName, user: String?, port: UInt16?, folder: String)

    /// Reads a folder, or `ssh://[user@]host[:port]/path`.
    ///
    /// - Parameters:
    ///   - base: The folder that a relative path begins at.
    ///   - place: Where it stands, for errors.
    /// - Throws: ``InputError`` for what is neither.
    public init(_ text: String, relativeTo base: String, at place: SourceLocation? = nil) throws(InputError) {
        guard !text.unicodeScalars.contains(where: { TarRules.isControl($0) }) else {
            throw InputError("builds has control characters", at: place)
        }
        if text.hasPrefix("ssh://") {
            self = try Self.host(in: text.dropFirst(6), text, place)
        } else if text.contains("://") {
            throw InputError("builds cannot be '\(text)'", at: place, hints: [Self.usage])
        } else {
            let path = HomeFolder.expanding(text)
            self = .folder(Self.plain(path.hasPrefix("/") || base == "." ? path : "\(base)/\(path)"))
        }
    }

    private static let usage = "name a folder, or a folder on a host: ssh://[user@]host[:port]/path"

    private static func host(
        in text: Substring, _ whole: String, _ place: SourceLocation?
    ) throws(InputError) -> Self {
        guard let slash = text.firstIndex(of: "/"), slash > text.startIndex else {
            throw InputError("'\(whole)' does not say which folder of which host", at: place, hints: [usage])
        }
        let folder = plain(String(text[slash...]))
        let parts = folder.split(separator: "/")
        guard !parts.isEmpty, !parts.contains(".."), !parts.contains("."), parts.first != "~" else {
            throw InputError(
                "'\(whole)' must have the whole path of a folder on the host", at: place,
                hints: ["such as ssh://host/srv/builds"])
        }
        let (user, address) = try login(text[..<slash], whole, place)
        let (name, port) = try split(address, whole, place)
        do {
            return .host(try HostName(String(name)), user: user, port: port, folder: folder)
        } catch {
            throw error.located(at: place)
        }
    }

    private static func login(
        _ text: Substring, _ whole: String, _ place: SourceLocation?
    ) throws(InputError) -> (user: String?, rest: Substring) {
        guard let at = text.lastIndex(of: "@") else { return (nil, text) }
        let user = text[..<at]
        guard !user.contains(":") else {
            // Not shown: it may be one.
            throw InputError(
                "the address of the builds has a password in it", at: place,
                hints: ["log in with a key: what stands here is read by everybody"])
        }
        guard !user.isEmpty, user.utf8.allSatisfy(ServiceName.isPathByte), !user.hasPrefix("-") else {
            throw InputError("'\(whole)' has no user's name before '@'", at: place, hints: [usage])
        }
        return (String(user), text[text.index(after: at)...])
    }

    /// Host and port: `host`, `host:22`, `[::1]`, `[::1]:22`.
    private static func split(
        _ text: Substring, _ whole: String, _ place: SourceLocation?
    ) throws(InputError) -> (host: Substring, port: UInt16?) {
        var (host, rest) = (text, text[text.endIndex...])
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            (host, rest) = (text[..<close].dropFirst(), text[close...].dropFirst())
        } else if let colon = text.firstIndex(of: ":") {
            (host, rest) = (text[..<colon], text[colon...])
        }
        if rest.isEmpty { return (host, nil) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else {
            throw InputError("'\(whole)' has no port after the host", at: place, hints: [usage])
        }
        return (host, port)
    }

    /// Without slashes at its end, or two of them.
    private static func plain(_ path: String) -> String {
        (path.hasPrefix("/") ? "/" : "") + path.split(separator: "/").joined(separator: "/")
    }

    /// The folder, wherever it is.
    public var folder: String {
        switch self {
        case .folder(let folder), .host(_, _, _, let folder): folder
        }
    }

    /// As it is written.
    public var description: String {
        switch self {
        case .folder(let folder): return folder
        case .host(let host, let user, let port, let folder):
            let name = host.description.contains(":") ? "[\(host)]" : host.description
            return "ssh://\(user.map { $0 + "@" } ?? "")\(name)\(port.map { ":\($0)" } ?? "")\(folder)"
        }
    }
}
