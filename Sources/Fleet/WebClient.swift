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
    /// The method, such as `HEAD`.
    public var method = "GET"
    /// The name that is asked for; `nil` for the address and port.
    public var hostName: String?
    /// Header fields beside those that every request has.
    public var headers: [String: String] = [:]

    /// A request, by GET.
    public init(address: String, port: Int, path: String, timeout: Duration = .seconds(5)) {
        self.address = address
        self.port = port
        self.path = path
        self.timeout = timeout
    }

    /// The request as it is sent, on a connection that is closed after it.
    public var head: String {
        let name = hostName ?? host + (port == 80 ? "" : ":\(port)")
        let own = ["Host": name, "User-Agent": "drover", "Accept": "*/*"]
        var lines = ["\(method) \(path) HTTP/1.1"]
        let given = headers.filter { $0.key.lowercased() != "connection" }
        for key in ["Host", "User-Agent", "Accept"]
        where !given.keys.contains(where: { $0.lowercased() == key.lowercased() }) {
            lines.append("\(key): \(own[key] ?? "")")
        }
        lines += given.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (lines + ["Connection: close", "", ""]).joined(separator: "\r\n")
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

    /// Asks for the whole answer, its body up to 256 KiB. Redirects are not followed. Ends as ``ask(_:)``.
    func fetch(_ request: WebRequest) async -> Result<WebPage, WebFailure>
}

extension WebClient {
    /// The status alone.
    public func fetch(_ request: WebRequest) async -> Result<WebPage, WebFailure> {
        switch await ask(request) {
        case .status(let status, let location):
            .success(WebPage(status: status, fields: location.map { [.init("Location", $0)] } ?? []))
        case .failure(let reason): .failure(WebFailure(reason, mayHaveArrived: true))
        }
    }
}
