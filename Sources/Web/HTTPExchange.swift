import AsyncHTTPClient
public import Fleet
import NIOCore
import NIOHTTP1
import NIOSSL

/// Whole requests and answers over HTTP/1.1, with or without TLS, on connections that are kept for the next ones.
///
/// Goes straight to where the URL says, whatever proxies the environment names.
public final class HTTPExchange: WebExchange {
    private let client: HTTPClient
    private let identity: TLSIdentity
    /// How much of an answer is taken, in bytes.
    private static let limit = 256 << 20

    /// A client that knows others by `trust`; nothing is connected.
    /// - Parameter connectTimeout: How long one address may take to answer at all.
    /// - Throws: ``InputError`` for a file of `trust` that can't be used, or holds a certificate whose time is over.
    public init(trust: WebTrust = WebTrust(), connectTimeout: Duration = .seconds(2)) throws(InputError) {
        identity = try TLSIdentity(trust)
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: identity.configuration, redirectConfiguration: .disallow,
            timeout: .init(connect: .milliseconds(connectTimeout.wholeMilliseconds)))
        configuration.httpVersion = .http1Only
        // Who asks knows other addresses, and does not wait for this one.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { client.shutdown { _ in } }

    /// Sends a request and gives the whole answer; see ``WebExchange``.
    public func exchange(_ call: WebCall) async throws(WebFailure) -> WebReply {
        var request = HTTPClientRequest(url: call.url)
        request.method = .RAW(value: call.method)
        for (name, value) in call.headers { request.headers.add(name: name, value: value) }
        request.headers.replaceOrAdd(name: "User-Agent", value: "drover")
        if !call.body.isEmpty { request.body = .bytes(call.body) }
        do {
            let deadline = NIODeadline.now() + .milliseconds(call.timeout.wholeMilliseconds)
            let response = try await client.execute(request, deadline: deadline)
            let body = try await response.body.collect(upTo: Self.limit)
            return WebReply(status: Int(response.status.code), body: Array(body.readableBytesView))
        } catch let error as NIOSSLError where error.isAboutCertificates {
            let flaw = await identity.flaw(ofServerAt: call.url)
            throw WebFailure(flaw ?? "its certificate is not accepted", mayHaveArrived: false)
        } catch {
            throw WebFailure(error, within: call.timeout)
        }
    }
}

extension WebFailure {
    /// What the library's error means, in words, and whether the request may have gone out before it.
    init(_ error: any Error, within time: Duration) {
        switch error {
        case let error as HTTPClientError: self.init(error, within: time)
        case is CancellationError: self.init("interrupted", mayHaveArrived: true)
        case let error as any NIOConnectionFailure: self.init(error.reason, mayHaveArrived: false)
        case let error as IOError: self.init(error.plainReason, mayHaveArrived: true)
        case let error as NIOSSLError: self.init(error.plainReason, mayHaveArrived: true)
        case is BoringSSLError: self.init(NIOSSLError.reason("\(error)"), mayHaveArrived: true)
        case is HTTPParserError: self.init("the answer is not HTTP", mayHaveArrived: true)
        default: self.init("\(error)", mayHaveArrived: true)
        }
    }

    private init(_ error: HTTPClientError, within time: Duration) {
        switch error {
        case .connectTimeout: self.init("no connection in time", mayHaveArrived: false)
        case .tlsHandshakeTimeout: self.init("no TLS handshake in time", mayHaveArrived: false)
        case .getConnectionFromPoolTimeout: self.init("no connection within \(time.written)", mayHaveArrived: false)
        case .deadlineExceeded, .readTimeout: self.init("no answer within \(time.written)", mayHaveArrived: true)
        case .remoteConnectionClosed:
            self.init("the connection was closed without an answer", mayHaveArrived: true)
        case .cancelled: self.init("interrupted", mayHaveArrived: true)
        default: self.init("\(error)", mayHaveArrived: true)
        }
    }
}
