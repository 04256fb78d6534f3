import Fleet
import Foundation
import TestSupport
import Testing

@testable import Web

/// The gate's question, put to servers that answer oddly or not at all.
@Suite struct SocketWebClientTests {
    struct Talk: Sendable, CustomTestStringConvertible {
        let testDescription: String, says: String, gives: WebAnswer

        init(_ name: String, _ says: String, _ gives: WebAnswer) {
            (testDescription, self.says, self.gives) = (name, says, gives)
        }
    }

    private func ask(_ port: Int, _ path: String = "/", timeout: Duration = .seconds(5)) async -> WebAnswer {
        await SocketWebClient().ask(WebRequest(address: "127.0.0.1", port: port, path: path, timeout: timeout))
    }

    @Test(arguments: [
        Talk("200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .status(200)),
        Talk("no reason phrase", "HTTP/1.1 204\r\n\r\n", .status(204)),
        Talk("HTTP/1.0, bare line ends", "HTTP/1.0 503 Busy\nA: b\n\n", .status(503)),
        Talk("a redirect", "HTTP/1.1 301 Moved\r\nlocation: /login\r\n\r\n", .status(301, location: "/login")),
        Talk("a redirect to nowhere", "HTTP/1.1 302 Found\r\n\r\n", .status(302)),
        Talk(
            "hints first", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", .status(200)),
        Talk("a head that does not end", "HTTP/1.1 200 OK\r\nA: b\r\n", .status(200)),
        Talk("not HTTP", "220 mail ready\r\n", .failure("the answer is not HTTP")),
        Talk("a status that is none", "HTTP/1.1 2000 OK\r\n\r\n", .failure("the answer is not HTTP")),
        Talk("rubbish", "\u{0}\u{1}\u{2}", .failure("the answer is not HTTP")),
        Talk("nothing", "", .failure("the connection was closed without an answer")),
    ])
    func whatIsAnsweredIsTold(_ talk: Talk) async throws {
        let server = try AnsweringListener(talk.says)
        let answer = await ask(server.port, "/healthz")
        #expect(answer == talk.gives, "\(answer)")
        #expect(server.request().hasPrefix("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
    }

    @Test(arguments: [true, false])
    func anAddressThatSwallowsEverythingHasItsTimeAndNoMore(whileConnecting: Bool) throws {
        let (hole, silent) = (try BlackHole(), try SilentListener())
        let port = whileConnecting ? Int(hole.port) : silent.port
        let request = WebRequest(address: "127.0.0.1", port: port, path: "/", timeout: .milliseconds(300))
        let clock = ContinuousClock()
        let start = clock.now
        let answer = HTTPConversation(request).hold()
        #expect(clock.now - start < .seconds(5))
        #expect(answer == .failure("no \(whileConnecting ? "connection" : "answer") within 300ms"))
    }

    @Test func aClosedPortIsToldAtOnce() async throws {
        let port = try AnsweringListener.quietPort()
        let answer = await ask(port)
        #expect(answer == .failure("connection refused"))
    }

    @Test func aCancelledQuestionEnds() async throws {
        let server = try SilentListener()
        let asking = Task {
            await ask(Int(server.port), timeout: .seconds(600))
        }
        asking.cancel()
        #expect(await asking.value == .failure("interrupted"))
    }

    @Test func addressesOfBothKindsMakeURLs() {
        let six = WebRequest(address: "::1", port: 80, path: "/a")
        #expect(six.url == "http://[::1]:80/a")
        #expect(six.head.contains("\r\nHost: [::1]\r\n"))
        #expect(WebRequest(address: "10.0.0.1", port: 81, path: "/").url == "http://10.0.0.1:81/")
    }
}
