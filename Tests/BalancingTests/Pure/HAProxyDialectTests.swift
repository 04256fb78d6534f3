import Fleet
import Testing

@testable import Balancing

/// What is said to which version of HAProxy.
@Suite struct HAProxyDialectTests {
    private func dialect(_ version: String) throws -> HAProxyDialect {
        HAProxyDialect(version: try #require(HAProxyVersion(version)))
    }

    @Test(arguments: [
        ("2.6.12-1+deb12u4", 2, 6), ("3.0.11-1+deb13u1", 3, 0), ("3.1-dev5", 3, 1), ("2.4.0", 2, 4), ("10.12", 10, 12),
    ])
    func theVersionIsRead(_ text: String, _ major: Int, _ minor: Int) throws {
        let version = try #require(HAProxyVersion(info: "Name: HAProxy\nVersion: \(text)\nRelease_date: 2026\n"))
        #expect(version.major == major && version.minor == minor && version.description == text)
    }

    @Test(arguments: ["", "Version: x", "Version: 3", "Permission denied", "Version: .."])
    func whatTellsNoVersionIsNone(_ answer: String) { #expect(HAProxyVersion(info: answer) == nil) }

    @Test(arguments: [
        ("1.8.30", false), ("2.2.9", false), ("2.4.22", true), ("2.6.12", true), ("3.0.5", true), ("3.4.0", true),
    ])
    func whatIsTooOldIsRefused(_ version: String, _ isSupported: Bool) throws {
        #expect(try dialect(version).isSupported == isSupported)
    }

    @Test(arguments: [
        ("2.4.22", nil, HAProxyDialect.Membership.byReload), ("2.5.14", nil, .experimental),
        ("2.6.12", nil, .atRunTime), ("2.6.12", "SRV", .byReload), ("3.0.5", "SRV", .byReload),
        ("3.2.0", nil, .atRunTime),
    ])
    func serversComeAsTheVersionLetsThem(
        _ version: String, _ cookie: String?, _ membership: HAProxyDialect.Membership
    ) throws {
        #expect(try dialect(version).adding(to: PoolTraffic(cookie: cookie)) == membership)
    }

    @Test(arguments: [
        ("2.5.14", ["experimental-mode on", "del server app/ap1"]), ("2.6.12", ["del server app/ap1"]),
        ("3.0.5", ["del server app/ap1"]),
    ])
    func serversGoAsTheVersionLetsThem(_ version: String, _ lines: [String]) throws {
        #expect(try dialect(version).lines(of: .delete("ap1"), backend: "app") == lines)
        #expect(
            try dialect(version).lines(of: .want(.ready, "ap1"), backend: "app") == ["set server app/ap1 state ready"])
    }
}
