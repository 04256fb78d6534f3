/// Where a journal is kept that several controllers share: an etcd cluster, and how it is talked to.
public struct EtcdPlace: Hashable, Sendable {
    /// The members that are asked, as `host:port`, in the order in which they are tried.
    public var endpoints: [String]
    /// What every key begins with; neither begins nor ends with a slash.
    public var prefix: String
    /// Whether members are talked to over TLS.
    public var isSecure: Bool
    /// The files that TLS needs.
    public var trust = WebTrust()
    /// Who this is to etcd; `nil` where it asks nobody.
    public var user: String?
    /// That user's password.
    public var password: Secret<String>?

    /// Where text begins that names an etcd.
    public static let scheme = "etcd://"
    /// The port where etcd listens to clients.
    static let usualPort = 2379

    /// Reads `etcd://[USER@]HOST[:PORT],…[/PREFIX]`.
    /// - Throws: ``InputError`` without a place, for anything else.
    public init(_ text: String) throws(InputError) {
        guard text.hasPrefix(Self.scheme) else { throw Self.malformed("'\(text)' does not begin with \(Self.scheme)") }
        var rest = text.dropFirst(Self.scheme.count)
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] } ?? ""
        rest = rest.prefix { $0 != "/" }
        if let at = rest.firstIndex(of: "@") {
            user = String(rest[..<at])
            rest = rest[rest.index(after: at)...]
            guard user?.isEmpty == false, user?.contains(":") == false else {
                throw InputError(
                    "the user before '@' is a name alone", hints: ["its password goes into $DROVER_ETCD_PASSWORD"])
            }
        }
        prefix = try Self.prefix(path)
        endpoints = []
        for part in rest.split(separator: ",", omittingEmptySubsequences: false) {
            endpoints.append(try Self.endpoint(part))
        }
        isSecure = false
    }

    /// What its members are asked at.
    public func url(of endpoint: String) -> String { "\(isSecure ? "https" : "http")://\(endpoint)" }

    private static func prefix(_ path: Substring) throws(InputError) -> String {
        let parts = path.split(separator: "/")
        guard path.allSatisfy({ $0.isASCII && !$0.isWhitespace && $0 != "?" && $0 != "#" }) else {
            throw malformed("'/\(path)' is no beginning for keys")
        }
        return parts.isEmpty ? "drover" : parts.joined(separator: "/")
    }

    private static func endpoint(_ text: Substring) throws(InputError) -> String {
        var host = text
        var port = usualPort
        // The colons of an IPv6 address stand in brackets.
        if let colon = text.lastIndex(of: ":"), text.last != "]" {
            host = text[..<colon]
            guard let number = Int(text[text.index(after: colon)...]), (1...65535).contains(number) else {
                throw malformed("'\(text)' has no port from 1 to 65535")
            }
            port = number
        }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let name = isBracketed ? host.dropFirst().dropLast() : host
        let isAllowed = name.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0) || isBracketed && $0 == ":")
        }
        guard !name.isEmpty, isAllowed else { throw malformed("'\(text)' is no host of an etcd") }
        return "\(host):\(port)"
    }

    private static func malformed(_ message: String) -> InputError {
        InputError(message, hints: ["write etcd://HOST:2379,HOST:2379,HOST:2379, as 'etcdctl --endpoints' has them"])
    }
}
