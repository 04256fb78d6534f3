import Glibc
import Sampling
import Testing

@testable import Agent

struct ConfigurationTests {
    @Test func whatIsSaidCounts() throws {
        let text = """
            # a comment

            listen = 127.0.0.1, 10.0.0.5\r
              listen=::1
            metrics_port = 0
            check_port\t=\t9999
            allow = 10.0.0.1, 10.1.0.0/16
            token = 0123456789abcdef=
            history =
            source = cgroup
            """
        let configuration = try AgentConfiguration(text: text, path: "x.conf")
        #expect(configuration.listen == ["127.0.0.1", "10.0.0.5", "::1"].compactMap(NetworkAddress.init))
        #expect(configuration.metricsPort == 0)
        #expect(configuration.checkPort == 9999)
        #expect(configuration.token == "0123456789abcdef=")
        #expect(configuration.history == "")
        #expect(configuration.source == .controlGroup)
        for (address, isAllowed) in [
            ("10.0.0.1", true), ("10.1.200.3", true), ("10.2.0.1", false), ("127.9.9.9", true), ("::1", true),
        ] {
            #expect(configuration.allows(try #require(NetworkAddress(address))) == isAllowed, "\(address)")
        }
    }

    @Test func withoutAnythingItListensToItselfAlone() throws {
        let configuration = try AgentConfiguration(text: "", path: "x.conf")
        #expect(configuration.listen.map(\.isLoopback) == [true])
        #expect(configuration.metricsPort == 9101)
        #expect(configuration.checkPort == 9102)
        #expect(configuration.allow.isEmpty)
    }

    @Test(arguments: [
        ("listen = localhost", "x.conf:1: 'localhost' is not an address"),
        (
            "\n\nport = 5",
            "x.conf:3: 'port' is not a key; there are listen, metrics_port, check_port, allow, token, history, source"
        ),
        ("metrics_port = 70000", "x.conf:1: '70000' is not a port (0 to 65535)"),
        ("allow = 10.0.0.0/33", "x.conf:1: '10.0.0.0/33' is not an address or a net, as 10.0.0.0/8"),
        ("token = short", "x.conf:1: a token is at least 16 letters, digits and signs without blanks"),
        ("history = here", "x.conf:1: 'here' does not begin with '/'"),
        ("source = guess", "x.conf:1: 'guess' is not auto, proc or cgroup"),
        ("nonsense", "x.conf:1: 'nonsense' is not 'key = value'"),
        ("check_port = 9101", "x.conf: metrics_port and check_port are the same"),
        (
            "\nlisten = 0.0.0.0\nallow = 0.0.0.0/0",
            "x.conf:2: it listens to all the world, so a token is needed: 'token = …', or a narrower 'allow'"
        ),
    ]) func whatIsWrongIsToldWithItsLine(_ text: String, _ complaint: String) {
        #expect(throws: ConfigurationError.self) { try AgentConfiguration(text: text, path: "x.conf") }
        do throws(ConfigurationError) {
            _ = try AgentConfiguration(text: text, path: "x.conf")
        } catch {
            #expect(error.description == complaint)
        }
    }

    @Test(arguments: [
        (["frobnicate"], 64), (["sample", "--interval", "0"], 64), (["sample", "--interval"], 64),
        (["history", "--source", "proc"], 64),
        (["check-config", "/nonexistent/x.conf"], 78), (["rehearse"], 64), (["--version"], 0), (["--help"], 0),
    ]) func theProgramTellsWhatItDidNotUnderstand(_ arguments: [String], _ status: Int) throws {
        let answer = try AgentProcess.run(arguments)
        #expect(Int(answer.status) == status)
        #expect(answer.errors.isEmpty == (status == 0), "\(answer.errors)")
    }
}

struct PageRequestTests {
    private static func request(_ text: String, tooLong: Bool = false) -> PageRequest? {
        PageRequest(Array(text.utf8), tooLong: tooLong)
    }

    @Test func aRequestIsReadWhenItIsWhole() throws {
        let text = "GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nAUTHORIZATION: bearer abc\r\n\r\n"
        for count in 0..<text.utf8.count { #expect(PageRequest(Array(text.utf8.prefix(count)), tooLong: false) == nil) }
        let request = try #require(Self.request(text))
        #expect(request.method == .get)
        #expect(request.path == "/metrics")
        #expect(request.token == "abc")
    }

    @Test(arguments: ["\n\n", "GET\n\n", "GET / FTP/1\n\n", "\u{0}\u{1}\n\n"]) func whatIsNoRequestIsSaid(
        _ text: String
    ) {
        #expect(Self.request(text)?.isBroken == true)
    }

    @Test func whatNeverEndsIsCutOff() {
        #expect(Self.request("GET / HTTP/1.1\r\nA: b", tooLong: true)?.isBroken == true)
    }
}
