import Foundation
import TestSupport
import Testing

/// Something a person got wrong, and what Drover has to say about it.
struct BadInput: Sendable, CustomTestStringConvertible {
    let name: String
    /// Files written into the working folder before the command runs; `PORT` becomes the listener's.
    var files: [String: String] = [:]
    let arguments: [String]
    var status: Int32 = 64
    /// Has to be in the line that begins with `error:`.
    let says: [String]
    var testDescription: String { name }
}

/// Wrong inventories, playbooks, builds and flags: one line, a hint, the right status, and no connection.
@Suite struct BadInputTests {
    @Test(
        arguments: BadInput.inventories + BadInput.playbooks + BadInput.builds + BadInput.flags + BadInput.stages
            + BadInput.disks + BadInput.releases + BadInput.limits + BadInput.insight)
    func isRefusedBeforeAnythingIsTouched(_ example: BadInput) async throws {
        try await withTemporaryFolder { folder in
            let listener = try SilentListener()
            var files = BadInput.wholesome.merging(example.files) { _, own in own }
            for (name, text) in files { files[name] = text.replacingOccurrences(of: "PORT", with: "\(listener.port)") }
            try write(files, in: folder)
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            let transcript = try await drover.run(example.arguments)
            #expect(transcript.status == example.status, "\(transcript.errors)")
            let lines = transcript.errors.split(separator: "\n")
            let errors = lines.filter { $0.hasPrefix("error: ") }
            #expect(errors.count == 1, "\(transcript.errors)")
            for fragment in example.says { #expect(errors.first?.contains(fragment) == true, "\(transcript.errors)") }
            #expect(lines.contains { $0.hasPrefix("hint: ") || $0.contains("--help") }, "\(transcript.errors)")
            #expect(!listener.wasConnectedTo())
        }
    }

    private func write(_ files: [String: String], in folder: URL) throws {
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
    }
}

extension BadInput {
    /// A fleet with nothing wrong, whose hosts would be noticed if they were connected to.
    static let wholesome = [
        "hosts.yml": """
        all:
          children:
            ap:
              hosts:
                ap1: {ansible_host: 127.0.0.1, ansible_port: PORT}
            lb:
              hosts:
                lb1: {ansible_host: 127.0.0.1, ansible_port: PORT}

        """,
        "drover.yml": """
        service: shop
        root: /srv/shop
        units: [shop.service]
        pool: {name: shop, balancers: lb, members: ap, port: 80, config: /etc/haproxy/pools/shop.cfg}
        stages:
          staging: {inventory: hosts.yml, playbook: site.yml}

        """,
        "site.yml": "- hosts: ap\n  gather_facts: false\n  tasks: []\n",
    ]

    private static func inventory(_ name: String, _ text: String, says: String...) -> Self {
        Self(
            name: name, files: ["hosts.yml": text], arguments: ["ping", "-i", "hosts.yml"], says: ["hosts.yml"] + says)
    }

    static let inventories = [
        inventory("unknown key in a group", "ap:\n  host:\n    ap1:\n", says: "hosts.yml:2", "host"),
        inventory("tab in YAML", "ap:\n\thosts:\n\t\tap1:\n", says: "hosts.yml:2"),
        inventory("host twice in one group", "ap:\n  hosts:\n    ap1:\n    ap1:\n", says: "hosts.yml:4", "ap1"),
        inventory("reversed range", "ap:\n  hosts:\n    ap[5:2]:\n", says: "hosts.yml:3"),
        inventory("hosts as a list", "ap:\n  hosts:\n    - ap1\n", says: "hosts.yml:"),
        inventory(
            "port that is no number", "ap:\n  hosts:\n    ap1: {ansible_port: ssh, ansible_host: 127.0.0.1}\n",
            says: "ansible_port"),
        Self(
            name: "missing inventory", arguments: ["ping", "-i", "nowhere.yml"], says: ["nowhere.yml"]),
    ]

    private static func playbook(_ name: String, _ tasks: String, says: String...) -> Self {
        Self(
            name: name, files: ["play.yml": "- hosts: ap\n  gather_facts: false\n  tasks:\n\(tasks)"],
            arguments: ["apply", "play.yml", "-i", "hosts.yml"], says: ["play.yml:"] + says)
    }

    private static func misspelt(hosts pattern: String, command: String) -> Self {
        let inventory = "webservers: {hosts: {w1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}\n"
        let name = pattern.split(separator: "!").last.map(String.init) ?? pattern
        return Self(
            name: "misspelt \(name)",
            files: ["hosts.yml": inventory, "play.yml": "- hosts: \(pattern)\n  tasks: []\n"],
            arguments: [command, "play.yml", "-i", "hosts.yml"], says: ["play.yml:1", "'\(name)'"])
    }

    static let playbooks = [
        playbook("unknown module", "    - coppy: {src: a, dest: /b}\n", says: "play.yml:4", "coppy"),
        playbook("unknown parameter", "    - file: {path: /a, sate: absent}\n", says: "play.yml:4", "sate"),
        playbook("missing parameter", "    - copy: {content: x}\n", says: "play.yml:4", "dest"),
        playbook("bad choice", "    - service: {name: a, state: up}\n", says: "play.yml:4", "up"),
        playbook("unknown keyword", "    - debug: {msg: a}\n      wen: true\n", says: "wen"),
        playbook("unknown filter", "    - debug: {msg: \"{{ a | uper }}\"}\n", says: "play.yml:4", "uper"),
        playbook("open template", "    - debug: {msg: \"{{ a \"}\n", says: "play.yml:4"),
        playbook("unknown handler", "    - command: id\n      notify: nobody\n", says: "nobody"),
        misspelt(hosts: "webserver", command: "apply"),
        misspelt(hosts: "all:!webservrs", command: "plan"),
        playbook("missing file", "    - copy: {src: gone.txt, dest: /a}\n", says: "play.yml:4", "gone.txt"),
    ]

    static let builds = [
        Self(name: "missing build", arguments: ["build", "add", "gone.tar.gz"], says: ["gone.tar.gz"]),
        Self(
            name: "build that is no archive", files: ["notes.tar.gz": "not an archive"],
            arguments: ["build", "add", "notes.tar.gz"], says: ["notes.tar.gz"]),
        Self(
            name: "neither file nor digest", arguments: ["rollout", "staging", "abcdefgh"], says: ["abcdefgh"]
        ),
        Self(name: "unknown stage", arguments: ["rollout", "stagin", "abcdef123456"], says: ["stagin"]),
        Self(
            name: "unknown key in drover.yml",
            files: ["drover.yml": wholesome["drover.yml", default: ""] + "servce: x\n"], arguments: ["status"],
            says: ["drover.yml:", "servce"]),
    ]

    /// One machine under two names, or what goes with a stage alone.
    static let stages =
        ["apply", "plan", "status"].map { command in
            Self(
                name: "one address under two names, \(command)",
                files: [
                    "hosts.yml": """
                    ap:
                      hosts:
                        ap1: {ansible_host: 127.0.0.1, ansible_port: PORT}
                        web1: {ansible_host: 127.0.0.1}
                    lb: {hosts: {lb1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}
                    """
                ], arguments: [command, "staging"], says: ["hosts.yml:4", "'ap1'", "'web1'", "one machine"])
        } + [
            Self(
                name: "two balancers that are one",
                files: [
                    "hosts.yml": """
                    ap: {hosts: {ap1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}
                    lb:
                      hosts:
                        lb1: {ansible_host: "::1", ansible_port: PORT}
                        lb2: {ansible_host: "0:0:0:0:0:0:0:1", ansible_port: PORT}
                    """
                ], arguments: ["pool", "status", "staging"], says: ["hosts.yml:5", "'lb1'", "'lb2'", "one machine"]),
            Self(
                name: "leave to go below without a stage",
                arguments: ["apply", "site.yml", "-i", "hosts.yml", "--allow-below"],
                says: ["--allow-below"]),
            Self(
                name: "a host to forget that the inventory has", arguments: ["apply", "staging", "--forget", "ap1"],
                says: ["ap1"]),
        ]

    private static let twoStages = """
        service: shop
        pool: {name: shop, balancers: lb, members: ap, port: 80}
        stages: {staging: {inventory: hosts.yml}, production: {inventory: hosts.yml}}

        """

    static let flags = [
        Self(name: "no inventory", arguments: ["plan", "site.yml"], says: ["inventory"]),
        Self(
            name: "no stage named", files: ["drover.yml": twoStages], arguments: ["ping"],
            says: ["no stage named", "staging, production"]),
        Self(name: "unknown flag", arguments: ["apply", "--chekc"], says: ["--chekc"]),
        Self(
            name: "limit that matches nothing", arguments: ["ping", "-i", "hosts.yml", "--limit", "db9"],
            says: ["db9"]),
        Self(
            name: "extra variables that are no JSON",
            arguments: ["apply", "site.yml", "-i", "hosts.yml", "-e", "{\"a\": "], says: []),
        Self(name: "no command", arguments: ["run", "-i", "hosts.yml", "all"], says: []),
    ]
}
