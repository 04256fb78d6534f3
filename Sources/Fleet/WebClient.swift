/// A page that is asked for over HTTP.
public struct WebRequest: Hashable, Sendable {
    /// An address, or a name that this machine can look up.
    public var address: String
    /// Its TCP port.
    public var port: Int
    /// The URL's path, with its query.
    public var path: String
    /// Time for everything, from looking the name up to the head of the answer.
    public var timeout: Duration

    /// A request, by GET.
    public init(address: String, port: Int, path: String, timeout: Duration = .seconds(5)) {
        self.address = address
        self.port = port
        self.path = path
        self.timeout = timeout
    }

    /// The page's URL.
    public var url: String { "http://\(host):\(port)\(path)" }

    /// The address as URLs have it.
    public var host: String { address.contains(":") ? "[\(address)]" : address }
}

/// What came of a request.
public enum WebAnswer: Hashable, Sendable, CustomStringConvertible {
    /// The answer's status, and where a redirect leads.
    case status(Int, location: String? = nil)
    /// Why there was no answer, in plain words.
    case failure(String)

    /// For people: `301, a redirect to /login`.
    public var description: String {
        switch self {
        case .status(let status, let location?): "\(status), a redirect to \(location)"
        case .status(let status, nil): "\(status)"
        case .failure(let reason): reason
        }
    }
}

/// Asks for pages over HTTP.
public protocol WebClient: Sendable {
    /// Asks with GET, straight at the address, and gives the status of the answer's head. Redirects are not followed, and the
    /// body is not waited for. Ends within the request's timeout, and when the caller's task is cancelled.
    func ask(_ request: WebRequest) async -> WebAnswer
}
