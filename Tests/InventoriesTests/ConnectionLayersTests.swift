import Fleet
import Foundation
import Inventories
import OrderedCollections
import Testing
import Values

/// One thing that can be said about a connection: how each layer says it, and what an endpoint then has.
struct LayeredField: Sendable, CustomTestStringConvertible {
    let name: String
    let variable: String
    /// Values that look like nobody's, so that none can be taken for "not said".
    let values: [String]
    let set: @Sendable (inout ConnectionSettings, String) -> Void
    let get: @Sendable (Endpoint) -> String
    var testDescription: String { name }

    static let all: [LayeredField] = [
        .init(name: "user", variable: "ansible_user", values: ["a", "b", "c"]) {
            $0.user = $1
        } get: {
            $0.user ?? ""
        },
        // 22 is said as any other port is.
        .init(name: "port", variable: "ansible_port", values: ["22", "2201", "2202"]) {
            $0.port = UInt16($1)
        } get: {
            "\($0.port)"
        },
        .init(name: "connection", variable: "ansible_connection", values: ["ssh", "local", "ssh"]) {
            $0.connection = $1 == "local" ? .local : .ssh
        } get: {
            $0.connection == .local ? "local" : "ssh"
        },
        .init(name: "key", variable: "ansible_ssh_private_key_file", values: ["/a", "/b", "/c"]) {
            $0.privateKey = $1
        } get: {
            $0.identityFiles.joined(separator: " ")
        },
        // As is the usual time.
        .init(name: "timeout", variable: "ansible_timeout", values: ["10", "11", "12"]) {
            $0.connectTimeout = Int($1).map { .seconds($0) }
        } get: {
            "\($0.connectTimeout.components.seconds)"
        },
        .init(name: "password", variable: "ansible_password", values: ["a", "b", "c"]) {
            $0.password = Secret($1)
        } get: {
            $0.password?.reveal() ?? ""
        },
        .init(name: "become method", variable: "ansible_become_method", values: ["sudo", "su", "sudo"]) {
            $0.becomeMethod = Endpoint.BecomeMethod(ansible: $1)
        } get: {
            $0.becomeMethod.rawValue
        },
        .init(name: "become password", variable: "ansible_become_password", values: ["a", "b", "c"]) {
            $0.becomePassword = Secret($1)
        } get: {
            $0.becomePassword?.reveal() ?? ""
        },
    ]
}

/// Variables, keywords, command line: which of them speak.
private let speakers: [[Bool]] = (1..<8).map { bits in (0..<3).map { bits & (1 << $0) != 0 } }

@Test(arguments: LayeredField.all, speakers)
func theHighestLayerThatSpeaksCounts(_ field: LayeredField, _ speaks: [Bool]) throws {
    let host = try HostName("h")
    var layers = ConnectionLayers()
    var variables: Variables = [:]
    if speaks[0] { variables[field.variable] = .string(field.values[0]) }
    if speaks[1] { field.set(&layers.keywords, field.values[1]) }
    if speaks[2] { field.set(&layers.flags, field.values[2]) }
    let endpoint = Endpoint(try RouteResolution(layers) { _ in nil }.route(to: host, variables))
    let winner = try #require(speaks.firstIndex(of: true))
    #expect(field.get(endpoint) == field.values[winner])
}

/// What the user's own settings for OpenSSH say counts where nobody else says anything, and only there: not either where what
/// is said is what would hold anyway.
@Test(arguments: LayeredField.all, [nil, 0, 1, 2])
func theUsersSettingsCountLast(_ field: LayeredField, _ speaker: Int?) async throws {
    var layers = ConnectionLayers()
    var variables: Variables = [:]
    var user = ConnectionSettings()
    field.set(&user, field.values[1])
    if speaker == 0 { variables[field.variable] = .string(field.values[0]) }
    if speaker == 1 { field.set(&layers.keywords, field.values[0]) }
    if speaker == 2 { field.set(&layers.flags, field.values[0]) }
    let route = try RouteResolution(layers) { _ in nil }.route(to: HostName("h"), variables)
    // Settings for OpenSSH know nothing of these, and what carries the commands decides whether they are asked.
    guard !["connection", "key", "become method"].contains(field.name) else { return }
    let endpoint = try await EndpointResolver(StubbedSettings(["h": user])).endpoint(for: route)
    #expect(field.get(endpoint) == (speaker == nil ? field.values[1] : field.values[0]))
    if speaker == nil { #expect(field.get(Endpoint(route)) == field.get(Endpoint(host: route.host, address: "h"))) }
}

/// Settings for OpenSSH as they might stand in a file, by the name that is asked for.
private struct StubbedSettings: OpenSSHSettings {
    var keyFiles: [String] { [] }
    private let said: [String: ConnectionSettings]

    init(_ said: [String: ConnectionSettings]) { self.said = said }

    func settings(
        for name: String, user: String?, port: UInt16?, host: HostName
    ) async throws(TransportError) -> ConnectionSettings? { said[name] }
}

/// The keys of all layers are offered, the highest first, as OpenSSH does: Ansible names one, OpenSSH's options any number.
@Test func keysOfAllLayersAreOffered() async throws {
    var layers = ConnectionLayers()
    layers.flags.privateKey = "/flag"
    var user = ConnectionSettings()
    user.identityFiles = ["/user", "/early"]
    let variables: Variables = [
        "ansible_ssh_args": .string("-i /early"), "ansible_ssh_private_key_file": .string("/variable"),
        "ansible_ssh_common_args": .string("-i /common"),
    ]
    let route = try RouteResolution(layers) { _ in nil }.route(to: HostName("h"), variables)
    let endpoint = try await EndpointResolver(StubbedSettings(["h": user])).endpoint(for: route)
    #expect(endpoint.identityFiles == ["/early", "/variable", "/common", "/user"])
}

/// `HostName` of the user's settings is where the name leads that the inventory has.
@Test func theUsersSettingsTranslateNames() async throws {
    var user = ConnectionSettings()
    user.address = "10.0.0.1"
    let resolver = EndpointResolver(StubbedSettings(["inner": user]))
    let named = try RouteResolution { _ in nil }.route(to: HostName("h"), ["ansible_host": .string("inner")])
    #expect(try await resolver.endpoint(for: named).address == "10.0.0.1")
    #expect(named.name == "inner")
}

/// Keywords are about the host itself: a jump host is reached as the inventory and the command line say.
@Test func keywordsAreNotAboutJumpHosts() throws {
    var layers = ConnectionLayers()
    (layers.keywords.user, layers.keywords.port, layers.flags.user) = ("deploy", 2222, "ops")
    let variables: Variables = ["ansible_ssh_common_args": .string("-J gate")]
    let resolution = RouteResolution(layers) { $0.description == "gate" ? [:] : nil }
    let route = try resolution.route(to: HostName("web"), variables)
    #expect(route.settings.user == "deploy" && route.settings.port == 2222)
    #expect(route.jumps?.map(\.settings.user) == ["ops"] && route.jumps?.map(\.settings.port) == [nil])
}
