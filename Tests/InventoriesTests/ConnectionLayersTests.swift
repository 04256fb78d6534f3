import Fleet
import Foundation
import Inventories
import OrderedCollections
import Testing

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
    let endpoint = try EndpointResolution(layers) { _ in nil }.endpoint(for: host, variables)
    let winner = try #require(speaks.firstIndex(of: true))
    #expect(field.get(endpoint) == field.values[winner])
}

/// What somebody said is not left to the user's own settings for OpenSSH, though it is what it would be anyway.
@Test func whatIsSaidIsNotLeftToTheUser() throws {
    let host = try HostName("h")
    func left(_ layers: ConnectionLayers, _ variables: Variables = [:]) throws -> Set<Endpoint.Setting>? {
        try EndpointResolution(layers) { _ in nil }.endpoint(for: host, variables).leftToUser
    }
    let nothing = try left(ConnectionLayers())
    #expect(nothing == Set(Endpoint.Setting.allCases))
    var said = ConnectionSettings()
    (said.port, said.connectTimeout) = (22, Endpoint.defaultConnectTimeout)
    #expect(try left(ConnectionLayers(keywords: said)) == [.hostKeyChecking, .jumps])
    #expect(try left(ConnectionLayers(flags: said)) == [.hostKeyChecking, .jumps])
    #expect(try left(ConnectionLayers(), ["ansible_port": .int(22)])?.contains(.port) == false)
}

/// Keywords are about the host itself: a jump host is reached as the inventory and the command line say.
@Test func keywordsAreNotAboutJumpHosts() throws {
    var layers = ConnectionLayers()
    (layers.keywords.user, layers.keywords.port, layers.flags.user) = ("deploy", 2222, "ops")
    let variables: Variables = ["ansible_ssh_common_args": .string("-J gate")]
    let resolution = EndpointResolution(layers) { $0.description == "gate" ? [:] : nil }
    let endpoint = try resolution.endpoint(for: HostName("web"), variables)
    #expect(endpoint.user == "deploy" && endpoint.port == 2222)
    #expect(endpoint.jumps.map(\.user) == ["ops"] && endpoint.jumps.map(\.port) == [22])
}
