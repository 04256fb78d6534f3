import Fleet
import Foundation
import OrderedCollections
import Values

/// An address with what stands before its host's name taken out: `https://user:password@host/…`.
struct URLSecrets: Sendable {
    /// The address without user and password.
    let address: String
    /// User and password as they are, where the address has a user.
    let login: (user: String, password: String)?

    /// Reads an address.
    init(_ url: String) {
        guard let scheme = url.firstRange(of: "://") else {
            (address, login) = (url, nil)
            return
        }
        let rest = url[scheme.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard let at = authority.lastIndex(of: "@") else {
            (address, login) = (url, nil)
            return
        }
        address = String(url[..<scheme.upperBound] + rest[rest.index(after: at)...])
        let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            .map { String($0).removingPercentEncoding ?? String($0) }
        login = (parts[0], parts.count > 1 ? parts[1] : "")
    }

    /// Whether an address may hold a secret, so that no program may have it among its arguments, where every user of the host
    /// could see it.
    static func mayStand(in url: String) -> Bool { url.contains("?") || URLSecrets(url).login != nil }
}

extension ModuleArguments {
    /// HTTP headers, each a line.
    /// - Throws: ``InputError`` for one that would be several.
    func headerLines(_ name: String = "headers") throws(InputError) -> [String] {
        var lines: [String] = []
        for (field, value) in try map(name) ?? [:] {
            let line = "\(field): \(value.plainText ?? "")"
            guard !line.contains(where: \.isNewline) else { throw wrong(name, "must not hold line breaks") }
            lines.append(line)
        }
        return lines
    }
}
