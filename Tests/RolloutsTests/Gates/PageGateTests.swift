import Fleet
import Testing

@testable import Rollouts

@Suite struct PageGateTests {
    private static let page = WebPage(
        Array(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Build: 7\r\n\r\nhello\nworld\n"
                .utf8))

    @Test(
        arguments: [
            (PageGate(path: "/"), nil), (PageGate(path: "/", expect: 200...299), nil),
            (PageGate(path: "/", expect: 301...302), "gives 200"), (PageGate(path: "/", body: TextMatch("wor")), nil),
            (PageGate(path: "/", body: TextMatch("/^world$/")), nil),
            (PageGate(path: "/", body: TextMatch("/^orld/")), "has a body of 12 bytes without '/^orld/'"),
            (PageGate(path: "/", header: ["x-build": TextMatch("7")]), nil),
            (PageGate(path: "/", header: ["X-Build": TextMatch("8")]), "has X-Build: 7, without '8'"),
            (PageGate(path: "/", header: ["X-Node": TextMatch("a")]), "has no X-Node, without 'a'"),
        ] as [(PageGate, String?)])
    func answersAreHeldAgainstTheGate(_ gate: PageGate, _ fault: String?) throws {
        #expect(gate.fault(try #require(Self.page)) == fault)
    }

    @Test(
        arguments: [
            ("/login", "/login"), ("login?a=b", "/app/login?a=b"), ("http://10.0.0.1:8080/x", "/x"),
            ("http://shop.example.org", "/"), ("http://elsewhere.example.org/", nil), ("https://10.0.0.1/", nil),
            ("//elsewhere/x", nil), ("/a b", nil), ("/\r\nX: y", nil), ("http://[::1]:80/", nil),
        ] as [(String, String?)])
    func redirectsAreFollowedWithinTheHost(_ location: String, _ path: String?) {
        #expect(PageGate.path(of: location, beside: "/app/start?x=1", on: ["10.0.0.1", "shop.example.org"]) == path)
    }

    @Test(arguments: [
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world"), ("5;x=y\r\nhello\r\n", "hello"), ("zz\r\n", ""),
        ("fffffffffffffff\r\nhello", "hello"), ("-5\r\nhello", ""), ("5\r\nhel", "hel"),
    ])
    func chunksArePutTogether(_ text: String, _ body: String) throws {
        let page = try #require(WebPage(Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(text)".utf8)))
        #expect(String(decoding: page.body, as: UTF8.self) == body)
    }

    @Test(arguments: ["", "HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 200 OK\r\n"])
    func whatIsNoAnswerIsNone(_ text: String) { #expect(WebPage(Array(text.utf8)) == nil) }

    @Test func requestsHaveWhatTheGateSays() {
        var request = WebRequest(address: "::1", port: 8080, path: "/a")
        #expect(request.head.hasPrefix("GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n"))
        (request.method, request.hostName, request.headers) = (
            "HEAD", "shop", ["Accept": "x", "connection": "keep-alive"]
        )
        #expect(
            request.head
                == "HEAD /a HTTP/1.1\r\nHost: shop\r\nUser-Agent: drover\r\nAccept: x\r\nConnection: close\r\n\r\n")
    }
}
