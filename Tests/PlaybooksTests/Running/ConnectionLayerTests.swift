import Fleet
import Foundation
import Inventories
import OrderedCollections
import Synchronization
import TaskModules
import TestSupport
import Testing
import Values

@testable import Playbooks

/// What Ansible makes of one or two places that say how a host is reached; see `Connections/record.py`.
struct RecordedWay: Sendable, CustomTestStringConvertible {
    /// A kind of place and the name of what stands there, with its value.
    typealias Saying = (place: String, value: String)

    let field: String
    /// What all cases of the field have.
    let besides: [Saying]
    let says: [Saying]
    /// The value that counts; empty for none.
    let holds: String
    var testDescription: String { "\(field): " + says.map { "\($0.place)=\($0.value)" }.joined(separator: ", ") }

    static let all: [RecordedWay] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Connections/ways.json")
        guard let data = try? Data(contentsOf: file),
            let all = try? JSONDecoder().decode([String: Field].self, from: data)
        else { return [] }
        return all.sorted { $0.key < $1.key }.flatMap { field, recorded in
            recorded.rows.map { row in
                RecordedWay(
                    field: field, besides: recorded.besides.map(\.saying), says: row.says.map(\.saying),
                    holds: row.holds)
            }
        }
    }()

    private struct Field: Decodable {
        let besides: [Pair]
        let rows: [Row]
    }

    private struct Row: Decodable {
        let says: [Pair]
        let holds: String

        init(from decoder: any Decoder) throws {
            var cells = try decoder.unkeyedContainer()
            (says, holds) = (try cells.decode([Pair].self), try cells.decode(String.self))
        }
    }

    private struct Pair: Decodable {
        let saying: Saying

        init(from decoder: any Decoder) throws {
            var cells = try decoder.unkeyedContainer()
            let place = try cells.decode(String.self)
            // Python tells numbers, truth and text apart; here all are written into YAML.
            if let flag = try? cells.decode(Bool.self) {
                saying = (place, String(flag))
            } else if let number = try? cells.decode(Int.self) {
                saying = (place, String(number))
            } else {
                saying = (place, try cells.decode(String.self))
            }
        }
    }
}

/// What a play says of the connection, in all the places where it can.
private struct Ways {
    /// By kind of place: YAML by the name of what is said.
    private var said: [String: OrderedDictionary<String, String>] = [:]
    private var flags = ConnectionSettings()
    private static let kinds = ["host", "group", "play vars", "task vars", "-e", "play", "block", "task", "flag"]
    private static let arguments = ["ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args"]
    private static let options = [
        "user": "-o User=", "port": "-o Port=", "key": "-i ", "timeout": "-o ConnectTimeout=",
    ]

    /// Says `value` in `place`, as `Connections/record.py` does.
    mutating func say(_ value: String, of field: String, in place: String) throws {
        let kind = try #require(Self.kinds.first { place.hasPrefix("\($0) ") })
        let name = String(place.dropFirst(kind.count + 1))
        if kind == "flag" { return try give(name, value) }
        if Self.arguments.contains(name) {
            said[kind, default: [:]][name] = try #require(Self.options[field]) + value
        } else if name.hasSuffix(" template") {
            said[kind, default: [:]][String(name.dropLast(" template".count))] = "\"{{ '\(value)' }}\""
        } else {
            said[kind, default: [:]][name] = value
        }
    }

    private mutating func give(_ flag: String, _ value: String) throws {
        switch flag {
        case "-u": flags.user = value
        case "--private-key": flags.privateKey = value
        case "-T": flags.connectTimeout = .seconds(try #require(Int(value)))
        case "-b": flags.becomes = value == "true" ? true : nil
        case "--become-user": flags.becomeUser = value
        case "--become-method": flags.becomeMethod = Endpoint.BecomeMethod(ansible: value)
        case "--become-password-file": flags.becomePassword = Secret(value)
        case "--connection-password-file": flags.password = Secret(value)
        default: Issue.record("the recorded flag \(flag) is not known here")
        }
    }

    private func map(_ kind: String) -> String {
        "{" + (said[kind] ?? [:]).map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }

    private func lines(_ kind: String, _ indent: String) -> String {
        (said[kind] ?? [:]).map { "\n\(indent)\($0.key): \($0.value)" }.joined()
    }

    /// Runs a play that says all this; gives what its task ran on.
    func run() async throws -> Seen {
        let text = """
            - hosts: all
              gather_facts: false
              vars: \(map("play vars"))\(lines("play", "  "))
              tasks:
                - block:
                    - raw: echo ran
                      vars: \(map("task vars"))\(lines("task", "          "))\(lines("block", "      "))
            """
        let host = map("host").replacing("{", with: "{ansible_host: 127.0.0.99, ")
        let inventory = "all: {children: {own: {hosts: {h: \(host)}, vars: \(map("group"))}}}"
        let extra = try ExtraVariables.read([map("-e")])
        return try await Seen.of(text, inventory, RunOptions(extra: extra, connection: flags))
    }
}

/// Where a run's commands went.
private struct Seen: Sendable {
    var endpoint: Endpoint
    var privilege: Privilege

    /// Runs a play; gives where its last command ran.
    static func of(_ play: String, _ inventory: String, _ options: RunOptions = RunOptions()) async throws -> Seen {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("site.yml").path
            try play.write(toFile: file, atomically: true, encoding: .utf8)
            let hosts = folder.appendingPathComponent("hosts.yml").path
            try inventory.write(toFile: hosts, atomically: true, encoding: .utf8)
            let connector = WatchedConnector()
            let run = PlaybookRun(
                try Playbook.load(files: [file]), inventory: try Inventory.load(sources: [hosts]),
                dialer: Dialer(connector), options: options
            ) { _ in }
            let recap = await run.run()
            #expect(recap.succeeded)
            return try #require(connector.seen.last)
        }
    }

    func value(of field: String) -> String {
        switch field {
        case "user": return endpoint.user ?? ""
        case "port": return String(endpoint.port)
        case "key": return endpoint.identityFiles.first ?? ""
        case "timeout": return String(endpoint.connectTimeout.components.seconds)
        case "connection": return endpoint.connection == .local ? "local" : "ssh"
        case "become_method": return endpoint.becomeMethod.rawValue
        case "password": return endpoint.password?.reveal() ?? ""
        case "become_password", "su_password": return endpoint.becomePassword?.reveal() ?? ""
        default: break
        }
        guard case .become(let user) = privilege else { return "false" }
        return field == "become" ? "true" : user
    }
}

/// Hosts that answer everything, and say where it was asked.
private final class WatchedConnector: Connector {
    private let log = Mutex<[Seen]>([])
    var seen: [Seen] { log.withLock { $0 } }

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        Answering(endpoint: endpoint, connector: self)
    }

    func closeAll() async {}

    private struct Answering: Transport {
        let endpoint: Endpoint
        let connector: WatchedConnector
        var host: HostName { endpoint.host }

        func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
            connector.log.withLock { $0.append(Seen(endpoint: endpoint, privilege: command.privilege)) }
            return CommandResult(status: 0)
        }

        func upload(_: String, to _: String, mode _: UInt16, privilege _: Privilege) async throws(TransportError) {}
        func close() async {}
    }
}

@Test func recordedWaysAreThere() { #expect(RecordedWay.all.count == 1108) }

@Test(arguments: RecordedWay.all) func hostsAreReachedInAnsiblesWay(_ way: RecordedWay) async throws {
    var ways = Ways()
    for (place, value) in way.besides + way.says { try ways.say(value, of: way.field, in: place) }
    // Ansible's own 10 seconds stand before these arguments; here they count, as they do for OpenSSH.
    if way.field == "timeout", way.says.map(\.place) == ["host ansible_ssh_common_args"] { return }
    // Ansible leaves the port to OpenSSH where nobody says it.
    let wanted = way.field == "port" && way.holds.isEmpty ? "22" : way.holds
    #expect(try await ways.run().value(of: way.field) == wanted)
}

/// A task delegated from host `a` to another, recorded from ansible-core 2.19.14.
struct DelegationCase: Sendable, CustomTestStringConvertible {
    let name: String
    var to = "b"
    var play = ""
    var task = ""
    var a = ""
    var b = ""
    var all = ""
    var flagUser: String?
    /// Connection, user, port, and whose rights.
    let wanted: String
    var testDescription: String { name }
}

@Test(arguments: [
    DelegationCase(name: "nothing said", wanted: "ssh - 22 -"),
    DelegationCase(name: "connection of the play", play: "connection: local", wanted: "local - 22 -"),
    DelegationCase(name: "connection of the task", task: "connection: local", wanted: "local - 22 -"),
    DelegationCase(name: "play vars", play: "vars: {ansible_connection: local}", wanted: "local - 22 -"),
    DelegationCase(name: "task vars", task: "vars: {ansible_connection: local}", wanted: "local - 22 -"),
    DelegationCase(name: "play vars user", play: "vars: {ansible_user: pv}", wanted: "ssh pv 22 -"),
    DelegationCase(name: "remote_user", play: "remote_user: kw", wanted: "ssh kw 22 -"),
    DelegationCase(
        name: "remote_user below its own", play: "remote_user: kw", b: "ansible_user: bu", wanted: "ssh bu 22 -"),
    DelegationCase(name: "flag", flagUser: "fl", wanted: "ssh fl 22 -"),
    DelegationCase(name: "the other's user and port", a: "ansible_user: au, ansible_port: 78", wanted: "ssh - 22 -"),
    DelegationCase(name: "port", play: "port: 77", wanted: "ssh - 77 -"),
    DelegationCase(name: "play vars port", play: "vars: {ansible_port: 79}", wanted: "ssh - 79 -"),
    DelegationCase(name: "unknown host", to: "127.0.0.97", all: "ansible_user: allu", wanted: "ssh allu 22 -"),
    DelegationCase(
        name: "unknown host, play vars", to: "127.0.0.97", play: "vars: {ansible_user: pv, ansible_port: 80}",
        wanted: "ssh pv 80 -"),
    DelegationCase(
        name: "unknown host, port", to: "127.0.0.97", play: "port: 81", a: "ansible_user: au, ansible_port: 82",
        wanted: "ssh - 81 -"),
    DelegationCase(
        name: "the other's become_user", play: "become: true", a: "ansible_become_user: abu", wanted: "ssh - 22 root"),
    DelegationCase(
        name: "its own become_user", play: "become: true", b: "ansible_become_user: bbu", wanted: "ssh - 22 bbu"),
    DelegationCase(name: "the other's become", a: "ansible_become: true", wanted: "ssh - 22 -"),
    DelegationCase(name: "its own become", b: "ansible_become: true", wanted: "ssh - 22 root"),
    DelegationCase(
        name: "play vars become", play: "vars: {ansible_become: true, ansible_become_user: pbu}",
        wanted: "ssh - 22 pbu"),
    DelegationCase(name: "localhost", to: "localhost", flagUser: "fl", wanted: "local fl 22 -"),
    DelegationCase(
        name: "localhost, play vars", to: "localhost", play: "vars: {ansible_connection: ssh}", wanted: "ssh - 22 -"),
])
func delegatesAreReachedInAnsiblesWay(_ example: DelegationCase) async throws {
    let play = """
        - hosts: a
          gather_facts: false
          \(example.play)
          tasks:
            - raw: echo x
              delegate_to: \(example.to)
              \(example.task)
        """
    let inventory = """
        all:
          vars: {\(example.all)}
          hosts:
            a: {\(["ansible_host: 127.0.0.98", example.a].filter { !$0.isEmpty }.joined(separator: ", "))}
            b: {\(["ansible_host: 127.0.0.99", example.b].filter { !$0.isEmpty }.joined(separator: ", "))}
        """
    var flags = ConnectionSettings()
    flags.user = example.flagUser
    let seen = try await Seen.of(play, inventory, RunOptions(connection: flags))
    let user = if case .become(let name) = seen.privilege { name } else { "-" }
    let endpoint = seen.endpoint
    let found = "\(endpoint.connection == .local ? "local" : "ssh") \(endpoint.user ?? "-") \(endpoint.port) \(user)"
    #expect(found == example.wanted)
}

@Test(arguments: ["connection: winrm", "become_method: pfexec", "port: 0", "port: 70000"])
func keywordsThatMeanNothingFailTheTask(_ keyword: String) async throws {
    try await withTemporaryFolder { folder in
        let fleet = LocalFleet(folder)
        try fleet.write("site.yml", "- hosts: all\n  gather_facts: false\n  \(keyword)\n  tasks: [{command: echo}]\n")
        // Reading may refuse it already.
        guard let ended = try? await fleet.run() else { return }
        #expect(ended.counters("h1") == "failed=1", "\(ended)")
    }
}

/// `group_vars` and `host_vars` count for the plays of the playbook that they stand beside, an imported one's for its own:
/// recorded from ansible-core 2.19.14.
@Test func variablesCountForThePlaysBesideThem() async throws {
    try await withTemporaryFolder { folder in
        let fleet = LocalFleet(folder)
        let shown = "{{ v }} {{ w }} {{ only_a | default('-') }} {{ hv | default('-') }} {{ hostvars.g.v }}"
        func play(_ name: String) -> String {
            "- hosts: h\n  gather_facts: false\n  tasks: [{debug: {msg: \"\(name): \(shown)\"}}]\n"
        }
        for (name, text) in [
            "hosts/hosts.yml": "all: {hosts: {h: {ansible_connection: local}, g: {ansible_connection: local}}}",
            "hosts/group_vars/all.yml": "v: inv\nw: inv\n", "a/group_vars/all.yml": "v: a\nonly_a: y\n",
            "b/group_vars/all.yml": "v: b\n", "c/group_vars/all.yml": "v: c\n", "a/host_vars/h.yml": "hv: a\n",
            "b/host_vars/h.yml": "hv: b\n", "a/site.yml": play("a"), "c/site.yml": play("c"),
            "b/site.yml": play("b") + "- import_playbook: ../c/site.yml\n" + play("b again"),
        ] { try fleet.write(name, text) }
        let files = ["a", "b"].map { "\(folder.path)/\($0)/site.yml" }
        let playbook = try Playbook.load(files: files)
        let inventory = try Inventory.load(
            sources: [folder.path + "/hosts/hosts.yml"], playbookFolders: playbook.folders)
        let messages = Mutex<[String]>([])
        let run = PlaybookRun(playbook, inventory: inventory, dialer: Dialer(fleet)) { events in
            for case .taskFinished(let report) in events { messages.withLock { $0.append(report.message ?? "") } }
        }
        _ = await run.run()
        #expect(
            messages.withLock { $0 } == [
                "a: a inv y a a", "b: b inv - b b", "c: c inv - - c", "b again: b inv - b b",
            ])
    }
}
