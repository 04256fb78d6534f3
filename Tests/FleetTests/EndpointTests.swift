import Fleet
import Foundation
import Testing

/// How a host is reached, and what of that may be kept.
@Suite struct EndpointTests {
    private func endpoint() throws -> Endpoint {
        Endpoint(host: try HostName("ap1"), address: "10.0.0.1")
    }

    @Test func whatNobodySaysIsTheUsual() throws {
        let endpoint = try endpoint()
        #expect(endpoint.connection == .ssh && endpoint.port == 22 && endpoint.user == nil)
        #expect(endpoint.checksHostKey && endpoint.becomeMethod == .sudo)
        #expect(endpoint.connectTimeout == .seconds(10))
        #expect(endpoint.jumps.isEmpty && endpoint.identityFiles.isEmpty && endpoint.pinnedHostKeys.isEmpty)
    }

    /// Connections are shared by endpoints that are equal: each part of the way tells two apart.
    static let changes: [@Sendable (inout Endpoint) throws -> Void] = [
        { $0.host = try HostName("ap2") }, { $0.connection = .local }, { $0.address = "10.0.0.2" }, { $0.port = 2222 },
        { $0.user = "deploy" }, { $0.identityFiles = ["k"] }, { $0.fallbackIdentityFiles = ["k"] },
        { $0.knownHostsFiles = ["h"] }, { $0.fallbackKnownHostsFiles = ["h"] },
        { $0.pinnedHostKeys = ["ssh-ed25519 A"] },
        { $0.checksHostKey = false }, { $0.password = Secret("p") }, { $0.passphrase = Secret("p") },
        { $0.becomeMethod = .su }, { $0.becomePassword = Secret("p") }, { $0.connectTimeout = .seconds(1) },
        { $0.hostKeyAlias = "a" }, { $0.identityAgent = "none" },
        { $0.jumps = [Endpoint(host: try HostName("jump"), address: "10.0.0.9")] },
    ]

    @Test(arguments: changes.indices)
    func eachPartOfTheWayTellsTwoApart(_ index: Int) throws {
        var other = try endpoint()
        try Self.changes[index](&other)
        #expect(try other != endpoint())
    }

    /// What is said of a route, each part once; a route that says nothing of it is another one.
    static let sayings: [@Sendable (inout Route) throws -> Void] = [
        { $0.settings.connection = .ssh }, { $0.settings.port = 22 }, { $0.settings.user = "deploy" },
        { $0.settings.identityFiles = ["k"] }, { $0.fallbackIdentityFiles = ["k"] },
        { $0.settings.knownHostsFiles = [] }, { $0.fallbackKnownHostsFiles = ["h"] },
        { $0.settings.pinnedHostKeys = ["ssh-ed25519 A"] }, { $0.settings.checksHostKey = true },
        { $0.settings.password = Secret("hunter2-login") }, { $0.settings.passphrase = Secret("hunter2-key") },
        { $0.settings.becomeMethod = .sudo }, { $0.settings.becomePassword = Secret("hunter2-sudo") },
        { $0.settings.connectTimeout = .seconds(10) }, { $0.settings.hostKeyAlias = "a" },
        { $0.settings.identityAgent = "none" }, { $0.jumps = [] },
        { $0.jumps = [Route(host: try HostName("jump"), name: "10.0.0.9")] },
    ]

    private func route() throws -> Route { Route(host: try HostName("ap1"), name: "10.0.0.1") }

    @Test(arguments: sayings.indices)
    func whatIsSaidIsNotWhatNobodySays(_ index: Int) throws {
        var said = try route()
        try Self.sayings[index](&said)
        #expect(try said != route())
    }

    /// All of it comes back but passwords and passphrases.
    @Test func whatIsKeptComesBackWithoutSecrets() throws {
        var route = try route()
        for say in Self.sayings { try say(&route) }
        route.jumps?[0].settings.connection = .ssh
        let kept = try JSONEncoder().encode(RouteRecord(route))
        #expect(!String(decoding: kept, as: UTF8.self).contains("hunter2"))
        let back = try JSONDecoder().decode(RouteRecord.self, from: kept).route
        (route.settings.password, route.settings.passphrase, route.settings.becomePassword) = (nil, nil, nil)
        #expect(back == route)
    }
}
