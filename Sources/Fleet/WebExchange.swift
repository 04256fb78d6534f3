/// A request over HTTP or HTTPS whose whole answer is wanted.
public struct WebCall: Hashable, Sendable {
    /// Where it goes; `https` asks for TLS.
    public var url: String
    /// The method, such as `POST`.
    public var method: String
    /// Header fields beside those that the connection needs.
    public var headers: [String: String]
    /// What is sent.
    public var body: [UInt8]
    /// Time for everything, from looking the name up to the end of the answer.
    public var timeout: Duration

    /// A call; without a body it asks by GET.
    public init(
        _ url: String, method: String? = nil, headers: [String: String] = [:], body: [UInt8] = [],
        timeout: Duration = .seconds(5)
    ) {
        self.url = url
        self.method = method ?? (body.isEmpty ? "GET" : "POST")
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

/// The whole answer to a ``WebCall``.
public struct WebReply: Hashable, Sendable {
    /// The status.
    public var status: Int
    /// The body, whole.
    public var body: [UInt8]

    /// An answer.
    public init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }
}

/// Why a ``WebCall`` has no answer.
public struct WebFailure: Error, Hashable, Sendable {
    /// One lower-case sentence.
    public var reason: String
    /// Whether the other side may have got the request all the same, and done what it asks for.
    public var mayHaveArrived: Bool

    /// A failure.
    public init(_ reason: String, mayHaveArrived: Bool) {
        (self.reason, self.mayHaveArrived) = (reason, mayHaveArrived)
    }
}

/// How each side of a connection knows the other, beside what the system trusts.
public struct WebTrust: Hashable, Sendable {
    /// File with the certificates (PEM) of those whose signature is believed; `nil` for the system's.
    public var authorities: String?
    /// File with the certificate (PEM) that is shown to the server, and those that signed it.
    public var certificate: String?
    /// File with that certificate's private key (PEM).
    public var key: String?

    /// What these files say.
    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        (self.authorities, self.certificate, self.key) = (authorities, certificate, key)
    }
}

/// Exchanges whole requests and answers over HTTP and HTTPS.
public protocol WebExchange: Sendable {
    /// Sends a request and gives the whole answer, whatever its status. Redirects are not followed. Ends within the call's
    /// timeout, and when the caller's task is cancelled.
    func exchange(_ call: WebCall) async throws(WebFailure) -> WebReply
}
