import Fleet
import Foundation
import Inventories
import OrderedCollections
import Synchronization
import TestSupport
import Testing

@testable import Playbooks

/// Which of two places that say how a host is reached counts in Ansible; see `Connections/record.py`.
struct LayerPair: Sendable, CustomTestStringConvertible {
    let field: String
    let places: [String]
    /// The place that counts.
    let winner: String
    var testDescription: String { "\(field): \(places[0]), \(places[1])" }

    static let all: [LayerPair] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Connections/ways.json")
        guard let text = try? String(contentsOf: file, encoding: .utf8), case .list(let rows)? = JSONText.value(text)
        else { return [] }
        return rows.compactMap { row in
            guard case .list(let cells) = row, case let texts = cells.compactMap(\.text), texts.count == 4 else {
                return nil
            }
            return LayerPair(field: texts[0], places: [texts[1], texts[2]], winner: texts[3])
        }
    }()
}

/// What a play says of the connection, in all the places where it can.
private struct Ways {
    var host: OrderedDictionary<String, String> = [:]
    var playVars: OrderedDictionary<String, String> = [:]
    var taskVars: OrderedDictionary<String, String> = [:]
    var play: OrderedDictionary<String, String> = [:]
    var block: OrderedDictionary<String, String> = [:]
    var task: OrderedDictionary<String, String> = [:]
    var flags = ConnectionSettings()

    /// Says `value` in `place`, as `Connections/record.py` does.
    mutating func say(_ value: String, of field: String, in place: String) throws {
        let variables = [
            "user": "ansible_user", "port": "ansible_port", "key": "ansible_ssh_private_key_file",
            "timeout": "ansible_ssh_timeout", "connection": "ansible_connection", "become": "ansible_become",
            "become_user": "ansible_become_user", "become_method": "ansible_become_method",
        ]
        let options = ["user": "-o User=", "port": "-o Port=", "key": "-i ", "timeout": "-o ConnectTimeout="]
        let variable = try #require(variables[field])
        let words = place.split(separator: " ").map(String.init)
        switch words[0] {
        case "play" where words[1] == "vars": playVars[variable] = value
        case "task" where words[1] == "vars": taskVars[variable] = value
        case "play": play[words[1]] = value
        case "block": block[words[1]] = value
        case "task": task[words[1]] = value
        case "ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args":
            host[place] = try #require(options[field]) + value
        case "-u": flags.user = value
        case "--private-key": flags.privateKey = value
        case "-T": flags.connectTimeout = .seconds(try #require(Int(value)))
        case "-b": flags.becomes = value == "true" ? true : nil
        case "--become-user": flags.becomeUser = value
        case "--become-method": flags.becomeMethod = Endpoint.BecomeMethod(ansible: value)
        default: host[place] = value
        }
    }

    private static func map(_ fields: OrderedDictionary<String, String>) -> String {
        "{" + fields.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    }

    private static func lines(_ fields: OrderedDictionary<String, String>, _ indent: String) -> String {
        fields.map { "\n\(indent)\($0.key): \($0.value)" }.joined()
    }

    /// Runs a play that says all this; gives what its task ran on.
    func run() async throws -> Seen {
        let text = """
            - hosts: all
              gather_facts: false
              vars: \(Self.map(playVars))\(Self.lines(play, "  "))
              tasks:
                - block:
                    - raw: echo ran
                      vars: \(Self.map(taskVars))\(Self.lines(task, "          "))\(Self.lines(block, "      "))
            """
        let inventory = "all: {hosts: {h: \(Self.map(host).replacing("{", with: "{ansible_host: 127.0.0.99, "))}}"
        return try await Seen.of(text, inventory, RunOptions(connection: flags))
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
                connector: connector, options: options
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

@Test func pairsOfLayersAreThere() { #expect(LayerPair.all.count == 296) }

@Test(arguments: LayerPair.all) func layersCountInAnsiblesOrder(_ pair: LayerPair) async throws {
    let all = [
        "user": ["ua", "ub"], "port": ["22", "2201"], "key": ["/k/a", "/k/b"], "timeout": ["10", "31"],
        "connection": ["local", "ssh"], "become_user": ["ba", "bb"], "become": ["true", "false"],
        "become_method": ["su", "sudo"],
    ]
    let values = try #require(all[pair.field])
    var ways = Ways()
    if pair.field.hasPrefix("become_") { ways.play["become"] = "true" }
    for (place, value) in zip(pair.places, values) { try ways.say(value, of: pair.field, in: place) }
    let wanted = values[try #require(pair.places.firstIndex(of: pair.winner))]
    #expect(try await ways.run().value(of: pair.field) == wanted)
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

@Test(arguments: ["connection: winrm", "become_method: doas", "port: 0", "port: 70000"])
func keywordsThatMeanNothingFailTheTask(_ keyword: String) async throws {
    try await withTemporaryFolder { folder in
        let fleet = LocalFleet(folder)
        try fleet.write("site.yml", "- hosts: all\n  gather_facts: false\n  \(keyword)\n  tasks: [{command: echo}]\n")
        // Reading may refuse it already.
        guard let ended = try? await fleet.run() else { return }
        #expect(ended.counters("h1") == "failed=1", "\(ended)")
    }
}
