import Fleet
import Testing

@testable import Balancing

/// What is made of a balancer's answers: each fault with what to write.
@Suite struct BalancerContractTests {
    private static let whole = """
        == program
        HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/
        == perl
        /usr/bin/perl
        == enabled
        enabled
        == active
        active
        == words
        /usr/sbin/haproxy
        -Ws
        -f
        /etc/haproxy/haproxy.cfg
        -p
        /run/haproxy.pid
        -f
        /etc/haproxy/pools
        == options
        EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/pools"
        == folder
        there
        == socket
        there
        == level
        admin
        == uses
        shop
        == check
        """

    struct Case: Sendable, CustomTestStringConvertible {
        let from, to: String
        let subject: ContractFinding.Subject
        let says: String
        var remedy = ""
        var testDescription: String { says }
    }

    private static func findings(_ text: String) throws -> [ContractFinding] {
        let pool = Pool(name: "shop", members: [], configFile: "/etc/haproxy/pools/shop.cfg")
        return HAProxyContract(pool: pool, installation: HAProxyInstallation(), host: try HostName("lb1"))
            .findings(SectionedAnswer(text))
    }

    @Test func aWholeBalancerHasNoFault() throws {
        #expect(try Self.findings(Self.whole).allSatisfy { $0.state == .fine })
    }

    @Test(arguments: [
        Case(from: "version 2.6.12", to: "version 2.2.9", subject: .balancer, says: "too old"),
        Case(from: "version 2.6.12-1+deb12u1", to: "version unknown", subject: .balancer, says: "unknown version"),
        Case(
            from: "HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://haproxy.org/\n", to: "", subject: .balancer,
            says: "there is no", remedy: "apt:"),
        Case(from: "/usr/bin/perl\n", to: "", subject: .programs, says: "perl is missing", remedy: "perl-base"),
        Case(
            from: "== enabled\nenabled", to: "== enabled\ndisabled", subject: .service, says: "is disabled",
            remedy: "systemctl enable haproxy"),
        Case(
            from: "== active\nactive", to: "== active\nfailed", subject: .service, says: "haproxy.service is failed",
            remedy: "journalctl"),
        Case(
            from: "== check", to: "== check\n[ALERT] unknown keyword", subject: .service, says: "would not start again",
            remedy: "haproxy -c"),
        Case(
            from: "-f\n/etc/haproxy/pools\n", to: "", subject: .include, says: "before /etc/default/haproxy named",
            remedy: "restart haproxy"),
        Case(from: "== folder\nthere", to: "== folder", subject: .include, says: "is not there", remedy: "install -d"),
        Case(from: "== socket\nthere", to: "== socket", subject: .socket, says: "no socket", remedy: "level admin"),
        Case(
            from: "== level\nadmin", to: "== level\nuser", subject: .socket, says: "level user", remedy: "level admin"),
        Case(from: "== level\nadmin", to: "== level\nConnection refused", subject: .socket, says: "Connection refused"),
        Case(
            from: "== uses\nshop", to: "== uses\nother", subject: .frontend, says: "no frontend",
            remedy: "default_backend shop"),
    ])
    func eachFaultSaysWhatToWrite(_ c: Case) throws {
        let text = Self.whole.replacing(c.from, with: c.to)
        try #require(text != Self.whole)
        let found = try #require(try Self.findings(text).first { $0.subject == c.subject && $0.state != .fine })
        #expect(found.says.contains(c.says), "\(found.says)")
        if !c.remedy.isEmpty { #expect(found.remedies.contains { $0.contains(c.remedy) }, "\(found.remedies)") }
    }

    @Test func whatStandsThereIsKept() throws {
        let text = Self.whole.replacing("-f\n/etc/haproxy/pools\n", with: "").replacing(
            " -f /etc/haproxy/pools\"", with: "\"")
        let found = try #require(try Self.findings(text).first { $0.subject == .include })
        #expect(
            found.remedies.first
                == #"write in /etc/default/haproxy: EXTRAOPTS="-S /run/haproxy-master.sock -f /etc/haproxy/pools""#)
    }

    @Test func answersThatMakeNoSenseCrashNothing() throws {
        for text in ["", "== program", "== program\n", "== words\n-f", "==", "== words\n-f\n-f\n== program\nx\n\u{0}"] {
            _ = try Self.findings(text)
        }
    }
}
