import Fleet
import Inventories
import OrderedCollections
import Testing
import Values

/// Arguments for OpenSSH's client, and the way that they come to.
struct JumpCase: Sendable, CustomTestStringConvertible {
    let text: String
    let way: [String]
    var testDescription: String { text }

    init(_ text: String, _ way: String...) { (self.text, self.way) = (text, way) }
}

extension Endpoint {
    /// `user@address:port key...`
    fileprivate var shown: String {
        let login = "\(user.map { $0 + "@" } ?? "")\(address):\(port)"
        return ([login] + identityFiles).joined(separator: " ")
    }
}

/// The endpoint of `host` where `yaml` is the inventory.
private func endpoint(_ host: String, in yaml: String) throws -> Endpoint {
    let inventory = try Inventory.parse(yaml)
    let resolution = RouteResolution(variables: {
        inventory.contains($0) ? inventory.variables(of: $0) : nil
    })
    let name = try HostName(host)
    return EndpointResolver().plainEndpoint(for: try resolution.route(to: name, inventory.variables(of: name)))
}

private func way(_ arguments: String) throws -> Endpoint {
    try endpoint("h", in: "all: {hosts: {h: {ansible_user: me, ansible_ssh_common_args: '\(arguments)'}}}")
}

@Test(arguments: [
    JumpCase("-J bastion", "bastion:22"),
    JumpCase("-Jops@bastion:2222", "ops@bastion:2222"),
    JumpCase("-J a,ops@b:23", "a:22", "ops@b:23"),
    JumpCase("-J ssh://ops@b:23", "ops@b:23"),
    JumpCase("-J [fe80::1]:2200", "fe80::1:2200"),
    JumpCase("-J fe80::1", "fe80::1:22"),
    JumpCase("-o ProxyJump=a", "a:22"),
    JumpCase("-o ProxyJump=none -J a"),
    JumpCase("-o ProxyCommand=none"),
    JumpCase("-o ProxyCommand=\"ssh -W %h:%p -q ops@gate\"", "ops@gate:22"),
    JumpCase("-o ProxyCommand=\"ssh -W %h:%p gate\" -J other", "gate:22"),
    JumpCase("-o ProxyCommand=\"ssh gate -p 2222 -l ops -i /k -W [%h]:%p\"", "ops@gate:2222 /k"),
    JumpCase("-o ProxyCommand=\"exec /usr/bin/ssh -qaxW %h:%p %r@gate\"", "me@gate:22"),
    JumpCase("-o ProxyCommand=\"ssh -J first -W %h:%p gate\"", "first:22", "gate:22"),
    JumpCase("-o ProxyCommand=\"ssh -o Port=24 -o StrictHostKeyChecking=no -W %h:%p gate\"", "gate:24"),
    JumpCase("-o ProxyCommand=\"ssh -q ops@gate nc -w 10 %h %p\"", "ops@gate:22"),
])
func goesThroughWhatArgumentsName(_ example: JumpCase) throws {
    #expect(try way(example.text).jumps.map(\.shown) == example.way)
}

@Test(arguments: [
    "nc -x proxy:1080 %h %p", "ssh gate", "ssh -W other:22 gate", "ssh gate uptime", "connect-proxy %h %p",
    "ssh -W %h:%p gate uptime", "cloudflared access ssh --hostname %h",
])
func otherProxyCommandsStayAsTheyAre(_ command: String) throws {
    let endpoint = try way("-o ProxyCommand=\"\(command)\"")
    #expect(endpoint.proxyCommand == command && endpoint.jumps.isEmpty)
}

@Test func aJumpHostMayHaveAProxyCommand() throws {
    let endpoint = try endpoint(
        "web",
        in: "all: {hosts: {web: {ansible_ssh_common_args: -J gate}, gate: {ansible_ssh_args: '-o ProxyCommand=nc'}}}")
    #expect(endpoint.proxyCommand == nil && endpoint.jumps.map(\.proxyCommand) == ["nc"])
}

@Test(arguments: [("libssh2", Endpoint.Client.libssh2), ("openssh", .openssh)])
func whatSpeaksSSHIsAVariableAboveTheFlag(_ name: String, _ client: Endpoint.Client) throws {
    var flags = ConnectionSettings()
    flags.client = client == .libssh2 ? .openssh : .libssh2
    let host = try HostName("h")
    let said = try ConnectionVariables.route(to: host, ["drover_transport": .string(name)], over: flags)
    #expect(Endpoint(said.route).client == client)
    #expect(Endpoint(try ConnectionVariables.route(to: host, [:], over: flags).route).client == flags.client)
    #expect(RouteRecord(said.route).route.settings.client == client)
}

@Test(arguments: ["-J a:0", "-J @a", "-J a,", "-J a:b"])
func whatIsNoJumpHostIsRefused(_ arguments: String) throws {
    let error = try #require(throws: InputError.self) { try way(arguments) }
    #expect(error.message.hasSuffix("which is not [user@]host[:port]"))
}

private let fleet = """
    all:
      vars: {ansible_user: deploy, ansible_ssh_common_args: -J bastion}
      hosts:
        web: {ansible_host: 10.0.0.5}
        far: {ansible_host: 10.9.0.5, ansible_ssh_common_args: '-J inner'}
        bastion: {ansible_host: 198.51.100.7, ansible_port: 2222, ansible_user: jump, ansible_ssh_private_key_file: /jk}
        inner: {ansible_host: 10.0.0.9}
    """

@Test(arguments: [
    ("web", ["jump@198.51.100.7:2222 /jk"]), ("bastion", []), ("inner", ["jump@198.51.100.7:2222 /jk"]),
    ("far", ["jump@198.51.100.7:2222 /jk", "deploy@10.0.0.9:22"]),
])
func jumpHostsOfTheInventoryAreReachedAsItSays(_ host: String, _ way: [String]) throws {
    #expect(try endpoint(host, in: fleet).jumps.map(\.shown) == way)
}

@Test func aRoundOfJumpHostsEnds() throws {
    let yaml = """
        all: {hosts: {a: {ansible_ssh_extra_args: -J b}, b: {ansible_ssh_extra_args: -J a}}}
        """
    #expect(try endpoint("a", in: yaml).jumps.map(\.shown) == ["b:22"])
}

@Test func anUnknownJumpHostMayUseTheHostsKeys() throws {
    let endpoint = try endpoint(
        "h",
        in: """
            all: {hosts: {h: {ansible_ssh_private_key_file: /key,
              ansible_ssh_common_args: '-J gate -o UserKnownHostsFile=/known -o StrictHostKeyChecking=no'}}}
            """)
    let jump = try #require(endpoint.jumps.first)
    #expect(jump.fallbackIdentityFiles == ["/key"])
    #expect(jump.knownHostsFiles.isEmpty && jump.fallbackKnownHostsFiles == ["/known"])
    #expect(jump.checksHostKey && !endpoint.checksHostKey)
}
