public import Fleet
import Values

/// Where a service's journal is kept.
public enum StatePlace: Hashable, Sendable {
    /// A folder of this machine, with the builds beside the journal.
    case folder(String)
    /// An etcd cluster that several controllers share.
    case etcd(EtcdPlace)

    /// Reads a folder's path, or `etcd://…` (``EtcdPlace``).
    /// - Throws: ``InputError`` without a place, for an etcd that is none, and for what looks like one: a folder of that name
    ///   would be a new and empty journal.
    public init(_ text: String) throws(InputError) {
        guard !text.hasPrefix(EtcdPlace.scheme) else {
            self = .etcd(try EtcdPlace(text))
            return
        }
        guard !text.contains("://"), !text.lowercased().hasPrefix("etcd:") else {
            throw InputError(
                "'\(text)' is neither a folder nor an etcd",
                hints: ["an etcd is \(EtcdPlace.scheme)HOST:2379,HOST:2379,HOST:2379; TLS is asked for by tls: or ca:"])
        }
        self = .folder(text)
    }

    /// What `state:` says: text, or a mapping with `url:` and the files that TLS needs.
    /// - Parameter resolve: Paths as seen from the service's file.
    init(_ node: SourceNode, _ mistakes: MistakeLog, resolve: (String) -> String) throws(InputError) {
        guard node.entries != nil else {
            let fields = node.text.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
            guard let text = fields else {
                throw InputError("state must be a folder or etcd://…, but is \(node.summary)", at: node.location)
            }
            self = try Self.placed(text, node.location)
            return
        }
        let fields = try ServiceFileFields(node, .state, mistakes)
        guard case .etcd(var place) = try Self.placed(try fields.text("url"), fields.place("url")) else {
            throw InputError(
                "url must be etcd://…; a folder needs no more than its path", at: fields.place("url"),
                hints: ["state: FOLDER"])
        }
        place.trust = WebTrust(
            authorities: try fields.optionalText("ca").map(resolve),
            certificate: try fields.optionalText("certificate").map(resolve),
            key: try fields.optionalText("key").map(resolve))
        place.isSecure = try fields.flag("tls") ?? (place.trust != WebTrust())
        self = .etcd(place)
    }

    private static func placed(_ text: String, _ location: SourceLocation) throws(InputError) -> Self {
        do { return try Self(text) } catch {
            throw InputError(error.code, error.message, at: location, hints: error.hints)
        }
    }
}
