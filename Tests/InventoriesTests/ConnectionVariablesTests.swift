import Fleet
import Foundation
import Inventories
import Testing

/// Connection variables in YAML, and what they come to.
struct EndpointCase: Sendable, CustomTestStringConvertible {
    let text: String
    let change: @Sendable (inout Endpoint) -> Void

    init(_ text: String, _ change: @escaping @Sendable (inout Endpoint) -> Void) {
        self.text = text
        self.change = change
    }

    var testDescription: String { text }
}

private func endpoint(_ text: String) throws -> Endpoint {
    let inventory = try Inventory.parse("all: {hosts: {h: \(text)}}")
    let host = try HostName("h")
    return Endpoint(try ConnectionVariables.route(to: host, inventory.variables(of: host)).route)
}

private let home = NSHomeDirectory()

@Test(arguments: [
    EndpointCase("{}") { _ in },
    EndpointCase("{ansible_host: 10.0.0.1, ansible_port: 2222, ansible_user: ops}") {
        $0.address = "10.0.0.1"
        $0.port = 2222
        $0.user = "ops"
    },
    EndpointCase("{ansible_host: a, ansible_ssh_host: b, ansible_ssh_port: '22', ansible_ssh_user: old}") {
        $0.address = "b"
        $0.user = "old"
    },
    EndpointCase("{ansible_host: ops@10.0.0.1}") {
        $0.address = "10.0.0.1"
        $0.user = "ops"
    },
    EndpointCase("{ansible_host: ops@10.0.0.1, ansible_user: root}") {
        $0.address = "10.0.0.1"
        $0.user = "root"
    },
    EndpointCase("{ansible_ssh_private_key_file: ~/.ssh/lab}") { $0.identityFiles = [home + "/.ssh/lab"] },
    EndpointCase("{ansible_connection: local}") { $0.connection = .local },
    EndpointCase("{ansible_become_password: s3cret}") { $0.becomePassword = Secret("s3cret") },
    EndpointCase("{ansible_become_method: su}") { $0.becomeMethod = .su },
    EndpointCase("{ansible_become_method: community.general.doas}") { $0.becomeMethod = .doas },
    EndpointCase("{ansible_become_method: run0}") { $0.becomeMethod = .run0 },
    EndpointCase("{ansible_become_method: ansible.builtin.sudo}") { $0.becomeMethod = .sudo },
    EndpointCase("{ansible_password: 1234, ansible_ssh_pass: old}") { $0.password = Secret("old") },
    EndpointCase("{ansible_ssh_private_key_passphrase: open}") { $0.passphrase = Secret("open") },
    EndpointCase("{ansible_ssh_common_args: '-o UserKnownHostsFile=/x/known -o StrictHostKeyChecking=no'}") {
        $0.knownHostsFiles = ["/x/known"]
        $0.checksHostKey = false
    },
    EndpointCase("{ansible_ssh_common_args: '-oPort=2200 -o \"User=me\" -i /k -o ConnectTimeout=3 -o LogLevel=ERROR'}")
    {
        $0.port = 2200
        $0.user = "me"
        $0.identityFiles = ["/k"]
        $0.connectTimeout = .seconds(3)
    },
    EndpointCase("{ansible_ssh_args: '-p 2200', ansible_ssh_extra_args: '-p 2201', ansible_port: 2202}") {
        $0.port = 2200
    },
    EndpointCase("{ansible_ssh_extra_args: '-p 2201', ansible_port: 2202}") { $0.port = 2202 },
    EndpointCase("{ansible_ssh_common_args: '-C -q -o ControlMaster=auto -o UserKnownHostsFile=/dev/null'}") { _ in },
    EndpointCase("{ansible_python_interpreter: /usr/bin/python3, ansible_timeout: 7}") {
        $0.connectTimeout = .seconds(7)
    },
    EndpointCase("{drover_host_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== a comment}") {
        $0.pinnedHostKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="]
    },
    EndpointCase("{drover_host_key: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==]}") {
        $0.pinnedHostKeys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA=="]
    },
    EndpointCase("{ansible_ssh_extra_args: -o HostKeyAlias=Other}") { $0.hostKeyAlias = "Other" },
])
func readsConnectionVariables(_ c: EndpointCase) throws {
    var expected = Endpoint(host: try HostName("h"), address: "h")
    c.change(&expected)
    #expect(try endpoint(c.text) == expected)
}

@Test(arguments: [
    ("{ansible_port: 0}", "ansible_port of the host 'h' is '0', not a port between 1 and 65535"),
    ("{drover_host_key: ssh-ed25519}", "drover_host_key of the host 'h' holds what is no public key"),
    (
        "{drover_host_key: [ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA==]}",
        "drover_host_key of the host 'h' holds what is no public key"
    ),
    ("{ansible_host: [a]}", "the variable ansible_host of the host 'h' must be text"),
    ("{ansible_connection: docker}", "ansible_connection of the host 'h' is 'docker', which Drover can't use"),
    ("{ansible_become_method: pfexec}", "ansible_become_method of the host 'h' is 'pfexec', which Drover can't use"),
    ("{drover_transport: telnet}", "drover_transport of the host 'h' is 'telnet', which is no transport"),
    ("{ansible_ssh_args: '-W x'}", "ansible_ssh_args of the host 'h' holds '-W', which Drover can't honour"),
    (
        "{ansible_ssh_extra_args: '-o Port=x'}",
        "ansible_ssh_extra_args of the host 'h' holds 'Port=x', which is no port"
    ),
    ("{ansible_ssh_extra_args: '-o'}", "ansible_ssh_extra_args of the host 'h' holds '-o' without its value"),
])
func refusesWhatItCannotHonour(_ text: String, _ message: String) throws {
    let error = try #require(throws: InputError.self) { try endpoint(text) }
    #expect(error.message == message)
}

@Test(arguments: ["ansible_password", "ansible_become_password", "ansible_ssh_private_key_passphrase"])
func passwordsAreInNoDescription(_ name: String) throws {
    let read = try endpoint("{\(name): hunter2}")
    var dumped = ""
    dump(read, to: &dumped)
    #expect(!dumped.contains("hunter2") && !"\(read)".contains("hunter2"))
    let error = try #require(throws: InputError.self) { try endpoint("{\(name): [hunter2]}") }
    #expect(error.message == "the variable \(name) of the host 'h' must be text")
}
