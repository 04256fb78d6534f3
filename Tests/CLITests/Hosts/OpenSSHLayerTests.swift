import Fleet
import Foundation
import Inventories
import SSH
import TestSupport
import Testing
import Values

@testable import CLI

/// What the user's own settings for OpenSSH say below everything else, asked of the installed `ssh`.
struct OpenSSHLayerCase: Sendable, CustomTestStringConvertible {
    let name: String
    /// The user's settings.
    let config: String
    /// The host's variables, in YAML.
    var variables = "{}"
    var flags: @Sendable (inout ConnectionSettings) -> Void = { _ in }
    /// Login, address and port, then what else is not as usual.
    let wanted: String
    var testDescription: String { name }

    static let all: [Self] = [
        Self(name: "nothing is said", config: "", wanted: "-@h:22"),
        Self(name: "about another host", config: "Host other\nPort 2222\n", wanted: "-@h:22"),
        Self(name: "all of it", config: whole, wanted: "ops@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a port that is the usual one", config: whole, variables: "{ansible_port: 22}",
            wanted: "ops@10.0.0.7:22 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a port in the arguments", config: whole, variables: "{ansible_ssh_common_args: -p 22}",
            wanted: "ops@10.0.0.7:22 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a user", config: whole, variables: "{ansible_user: me}",
            wanted: "me@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a user of the command line", config: whole, flags: { $0.user = "me" },
            wanted: "me@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a user in the address", config: whole, variables: "{ansible_host: me@h}",
            wanted: "me@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a time that is the usual one", config: whole, variables: "{ansible_timeout: 10}",
            wanted: "ops@10.0.0.7:2222 /c1 /c2 unchecked alias=h.example"),
        Self(
            name: "a time of the command line", config: whole, flags: { $0.connectTimeout = .seconds(10) },
            wanted: "ops@10.0.0.7:2222 /c1 /c2 unchecked alias=h.example"),
        Self(
            name: "keys of all layers, in order", config: whole, variables: "{ansible_ssh_private_key_file: /v}",
            flags: { $0.privateKey = "/f" }, wanted: "ops@10.0.0.7:2222 /v /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "a key that stands twice", config: whole, flags: { $0.privateKey = "/c2" },
            wanted: "ops@10.0.0.7:2222 /c2 /c1 7s unchecked alias=h.example"),
        Self(
            name: "host keys are checked after all", config: whole,
            variables: "{ansible_ssh_args: -o StrictHostKeyChecking=yes}",
            wanted: "ops@10.0.0.7:2222 /c1 /c2 7s alias=h.example"),
        Self(
            name: "a jump host", config: whole + "ProxyJump gate:23\nHost gate\nUser jumper\n",
            wanted: "ops@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example via jumper@gate:23"),
        Self(
            name: "no jump host after all", config: whole + "ProxyJump gate:23\n",
            variables: "{ansible_ssh_common_args: -o ProxyJump=none}",
            wanted: "ops@10.0.0.7:2222 /c1 /c2 7s unchecked alias=h.example"),
        Self(
            name: "Match by the user who is settled", config: "Match user ops\nPort 2222\n",
            flags: { $0.user = "ops" }, wanted: "ops@h:2222"),
        Self(
            name: "Match by a user whom it names itself", config: "Host *\nUser ops\nMatch user ops\nPort 2222\n",
            wanted: "ops@h:2222"),
        Self(
            name: "tokens", config: "Host *\nHostName %h.example\nIdentityFile /keys/%r\nUser ops\n",
            wanted: "ops@h.example:22 /keys/ops"),
        Self(
            name: "this machine asks nobody", config: whole, variables: "{ansible_connection: local}",
            wanted: "-@h:22"),
    ]

    private static let whole = """
        Host h
        HostName 10.0.0.7
        Port 2222
        User ops
        IdentityFile /c1
        IdentityFile /c2
        ConnectTimeout 7
        StrictHostKeyChecking no
        HostKeyAlias h.example

        """

    /// The host's way, as an inventory in `folder` and the command line say.
    func route(in folder: URL) throws -> Route {
        let file = folder.appendingPathComponent("hosts.yml").path
        try "all: {hosts: {h: \(variables)}}".write(toFile: file, atomically: true, encoding: .utf8)
        let inventory = try Inventory.load(sources: [file])
        var layers = ConnectionLayers()
        flags(&layers.flags)
        let host = try HostName("h")
        return try RouteResolution(layers) { inventory.contains($0) ? inventory.variables(of: $0) : nil }
            .route(to: host, inventory.variables(of: host))
    }
}

extension Endpoint {
    fileprivate var shown: String {
        let way = "\(user ?? "-")@\(address):\(port)"
        let time = connectTimeout == Self.defaultConnectTimeout ? [] : ["\(connectTimeout.components.seconds)s"]
        let words = [way] + identityFiles + time + (checksHostKey ? [] : ["unchecked"])
        return (words + (hostKeyAlias.map { ["alias=\($0)"] } ?? []) + jumps.map { "via \($0.shown)" })
            .joined(separator: " ")
    }
}

@Suite struct OpenSSHLayerTests {
    private func withConfig<Result>(
        _ text: String, _ body: (String, URL) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("config").path
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            return try await body(file, folder)
        }
    }

    @Test(arguments: OpenSSHLayerCase.all) func theUsersSettingsAreTheLowestLayer(_ example: OpenSSHLayerCase)
        async throws
    {
        let shown = try await withConfig(example.config) { file, folder in
            try await EndpointResolver(OpenSSHClient(.file(file))).endpoint(for: example.route(in: folder)).shown
        }
        #expect(shown == example.wanted)
    }

    /// `drover ssh` leaves the lowest layer to `ssh` itself: both must come to the same.
    @Test(arguments: OpenSSHLayerCase.all.filter { !$0.variables.contains("local") })
    func theInstalledClientComesToTheSame(_ example: OpenSSHLayerCase) async throws {
        try await withConfig(example.config) { file, folder in
            let route = try example.route(in: folder)
            let endpoint = try await EndpointResolver(OpenSSHClient(.file(file))).endpoint(for: route)
            var words = OpenSSHWords(.file(file)).words(for: route, command: [], wantsTerminal: false)
            words.insert("-G", at: 1)
            let answer = try await DroverProgram.run(words)
            #expect(answer.status == 0, "\(answer.errors)")
            let lines = answer.output.split(separator: "\n").map(String.init)
            func values(_ name: String) -> [String] {
                lines.filter { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
            }
            #expect(values("hostname") == [endpoint.address] && values("port") == ["\(endpoint.port)"])
            if let user = endpoint.user { #expect(values("user") == [user]) }
            // It leaves out what it is given with -i and can't read, and has files of its own where nobody names any.
            let given = route.settings.identityFiles
            let files = values("identityfile").map { $0.replacing("%r", with: endpoint.user ?? "") }
            let named = endpoint.identityFiles.filter { !given.contains($0) }
            if !named.isEmpty { #expect(files.filter { !given.contains($0) } == named) }
            let time = values("connecttimeout").first.flatMap { Int($0) } ?? 10
            #expect(endpoint.connectTimeout == .seconds(time))
            #expect(values("stricthostkeychecking").first == (endpoint.checksHostKey ? "ask" : "false"))
        }
    }
}
