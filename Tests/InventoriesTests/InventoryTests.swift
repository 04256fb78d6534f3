import Fleet
import Foundation
import TestSupport
import Testing
import Values

@testable import Inventories

extension Inventory {
    /// An inventory of one YAML text, without a file.
    static func parse(_ text: String) throws -> Inventory {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drover-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("hosts.yml").path
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return try load(sources: [file])
    }
}

/// A host's variables as one line of JSON.
private func variables(of name: String, _ inventory: Inventory) throws -> String {
    inventory.variables(of: try HostName(name)).asValue.json(JSONLayout(sortsKeys: true, ensuresASCII: false))
}

private let tiers = "all: {children: {web: {hosts: {'web[1:3]': }}, db: {hosts: {db1: }}, spare: {}}}"

@Test(
    arguments: [
        ("wbe", nil, "no host or group matches the pattern 'wbe'", "did you mean 'web'?"),
        ("web4", nil, "no host or group matches the pattern 'web4'", "did you mean 'web' or 'web1' or 'web2'?"),
        (
            "nowhere", nil, "no host or group matches the pattern 'nowhere'",
            "the inventory's groups are: web, db, spare"
        ),
        (
            "web:!web9x", nil, "no host or group matches the pattern 'web9x'",
            "the inventory's groups are: web, db, spare"
        ),
        ("web", "bd", "no host or group matches the limit 'bd'", "did you mean 'db'?"),
        ("web", "db", "the pattern 'web' and the limit 'db' have no host in common", nil),
        ("web:!web", nil, "the pattern 'web:!web' leaves no host", nil),
        ("web[9]", nil, "the pattern 'web[9]' is beyond the 3 hosts of 'web'", nil),
        (
            "~web(", nil,
            "'web(' is not a regular expression: missing ), unterminated subpattern at position 3", nil
        ),
    ] as [(String, String?, String, String?)])
func saysWhichPatternMatchesNothing(_ pattern: String, _ limit: String?, _ message: String, _ hint: String?) throws {
    let inventory = try Inventory.parse(tiers)
    let error = try #require(throws: InputError.self) { try inventory.hosts(matching: pattern, limit: limit) }
    #expect(error.message == message)
    #expect(error.hints == hint.map { [$0] } ?? [])
}

@Test func aGroupWithoutHostsIsNoMisspeltName() throws {
    let selection = try Inventory.parse(tiers).selectHosts(matching: "spare")
    #expect(selection.hosts.isEmpty && selection.unmatched.isEmpty)
    #expect(selection.emptiness?.message == "the pattern 'spare' leaves no host")
}

@Test(
    arguments: [
        ("web:wbe", nil, nil), ("web[9]", nil, nil), ("spare", nil, nil), ("web:!web", nil, nil),
        ("wbe", nil, "no host or group matches the pattern 'wbe'"),
        ("all:!wbe", nil, "no host or group matches the pattern 'wbe'"),
        ("all:&wbe", nil, "no host or group matches the pattern 'wbe'"),
        ("all", "web,bd", "no host or group matches the limit 'bd'"),
        ("web", "db", "the pattern 'web' and the limit 'db' have no host in common"),
    ] as [(String, String?, String?)])
func aQuestionIsRefusedOnlyWhereItsAnswerWouldMislead(_ pattern: String, _ limit: String?, _ message: String?) throws {
    let selection = try Inventory.parse(tiers).selectHosts(matching: pattern, limit: limit)
    #expect(selection.refusal(isLimited: limit != nil)?.message == message)
}

@Test func thisMachineNeedsNoEntry() throws {
    let inventory = try Inventory.parse("all: {vars: {a: 1}, hosts: {h: }}")
    let host = try #require(try inventory.hosts(matching: "localhost").first)
    #expect(!inventory.contains(host))
    #expect(try variables(of: "localhost", inventory) == #"{"a": 1, "ansible_connection": "local"}"#)
}

@Test func magicVariables() throws {
    let inventory = try Inventory.parse("web: {hosts: {a.b.test: , 10.0.0.1: }}\nall: {children: {web: }}")
    let magic = inventory.magic(for: try HostName("a.b.test")).asValue
    #expect(magic["inventory_hostname_short"] == .string("a"))
    #expect(magic["group_names"] == .list([.string("web")]))
    #expect(magic["inventory_file"]?.text?.hasSuffix("/hosts.yml") == true)
    #expect(inventory.magic(for: try HostName("10.0.0.1")).asValue["inventory_hostname_short"] == .string("10.0.0.1"))
    #expect(inventory.groupsVariable["web"] == .list([.string("a.b.test"), .string("10.0.0.1")]))
}

@Test func oddThingsAreWarnings() throws {
    let text = """
        web:
          hosts:
            w1: {ansible_host: 10.0.0.1, ansible_hots: x}
            w2: {ansible_host: 10.0.0.1}
            w3: {ansible_host: 10.0.0.1, ansible_port: 23, ansible_become: true}
        """
    let warnings = try Inventory.parse(text).warnings.map { $0.drop { $0 != ":" } }
    #expect(
        warnings == [
            ":3:34: the unknown variable 'ansible_hots'; did you mean 'ansible_host'?",
            ":4:5: the hosts 'w1' and 'w2' have the same address, 10.0.0.1",
        ])
}

/// Files of an inventory, and what Drover warns of, without the folder's path.
struct OddInventory: Sendable, CustomTestStringConvertible {
    let files: [String: String]
    let warnings: [String]

    init(_ files: [String: String], _ warnings: [String]) {
        self.files = files
        self.warnings = warnings
    }

    var testDescription: String { warnings.first ?? "nothing" }
}

private let program = "#!/bin/sh\necho '{\"web\": {\"hosts\": [\"w1\", \"w2\"], \"vars\": {\"ansible_uesr\": 1}}, "
private let hostVariables = "\"_meta\": {\"hostvars\": {\"w1\": {\"ansible_host\": \"w2\", \"ansible_prot\": 1}}}}'\n"

@Test(arguments: [
    OddInventory(
        ["hosts": "[web]\ndb\n[db]\nd1\n"],
        ["hosts:2: 'db' is a host here and a group, at hosts:3; as a pattern it means the group"]),
    OddInventory(
        ["hosts": "[web]\nw1 ansible_ssh_prot=22\n[web:vars]\n\nansible_hosst=x\n"],
        [
            "hosts:2: the unknown variable 'ansible_ssh_prot'; did you mean 'ansible_ssh_port'?",
            "hosts:5: the unknown variable 'ansible_hosst'; did you mean 'ansible_host'?",
        ]),
    OddInventory(
        [
            "hosts": "[web]\nw[1:3]\n", "group_vars/web/a.yml": "a: 1\nansible_usr: x\n",
            "host_vars/w2.yml": "ansible_username: x\n",
        ],
        [
            "group_vars/web/a.yml:2:1: the unknown variable 'ansible_usr'; did you mean 'ansible_user'?",
            "host_vars/w2.yml:1:1: the unknown variable 'ansible_username'; did you mean 'ansible_user'?",
        ]),
    OddInventory(
        ["hosts": program + hostVariables],
        [
            "hosts: the unknown variable 'ansible_uesr'; did you mean 'ansible_user'?",
            "hosts: the unknown variable 'ansible_prot'; did you mean 'ansible_port'?",
            "hosts: the hosts 'w1' and 'w2' have the same address, w2",
        ]),
    OddInventory(
        [
            "hosts": "[web]\nw1 ansible_port=22\nw2\nw3 ansible_host=10.0.0.1 ansible_port=23\n",
            "group_vars/web.yml": "ansible_host: 10.0.0.1\n", "host_vars/w2.yml": "ansible_host: 10.0.0.1\n",
        ],
        ["hosts:3: the hosts 'w1' and 'w2' have the same address, 10.0.0.1"]),
    OddInventory(
        ["hosts": "10.0.0.1\nalias ansible_host=10.0.0.1\nself ansible_host=self\n"],
        ["hosts:2: the hosts '10.0.0.1' and 'alias' have the same address, 10.0.0.1"]),
    // What can't be known, or is meant.
    OddInventory(
        [
            "hosts": "[web]\na\nb\nc ansible_host=10.0.0.1 ansible_connection=local\nd ansible_host=10.0.0.1\n"
                + "e ansible_host=10.0.0.1 ansible_ssh_common_args='-J other'\n"
                + "[web:vars]\nansible_users=['x']\nansible_facts_age=3\nansible_winrm_port=1\n",
            "group_vars/web.yml": "ansible_host: '{{ inventory_hostname }}.example'\nansible_become_exe: sudo\n",
        ], []),
    OddInventory(["empty/README.md": "nothing"], []),
])
func whatIsHardlyMeantIsToldWithItsPlace(_ odd: OddInventory) async throws {
    try await withTemporaryFolder { folder in
        for (name, text) in odd.files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
            let mode = text.hasPrefix("#!") ? 0o755 : 0o644
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        }
        let source = folder.appendingPathComponent("hosts").path
        guard odd.files["hosts"] != nil else {
            let empty = try Inventory.load(sources: [folder.appendingPathComponent("empty").path])
            #expect(empty.warnings.map { $0.hasSuffix(": the folder holds no inventory") } == [true])
            return
        }
        let inventory = try Inventory.load(sources: [source], playbookFolders: [folder.path])
        #expect(inventory.warnings.map { $0.replacing(folder.path + "/", with: "") } == odd.warnings)
    }
}

@Test func whatAProgramLeavesBehindIsNotWaitedFor() async throws {
    try await withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("slow").path
        let text = "#!/bin/sh\nsleep 6 &\nexec >&- 2>&1\n"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        guard case .tooSlow = ProgramAnswer.of(file, [], patience: 0.5) else {
            Issue.record("a pipe that stays open is no answer")
            return
        }
    }
}

@Test(arguments: RecordedCases.inventories)
func recordedInventoriesAreNotOdd(_ name: String) throws {
    let folder = RecordedCases.folder + "/inventories/" + name
    let recorded = try RecordedCases.json(file: folder + "/case.json")
    if recorded["erroneous"] == .bool(true) { return }
    let sources = RecordedCases.sources(of: folder, recorded)
    let warnings = try Inventory.load(sources: sources, playbookFolders: [folder]).warnings
    #expect(warnings.filter { $0.contains("unknown variable") || $0.contains("same address") } == [])
}

@Test func hostsOfAListAndOfAFolderTogether() async throws {
    try await withTemporaryFolder { folder in
        let file = folder.appendingPathComponent("b").path
        try "[web]\nw1 a=1\n".write(toFile: file, atomically: true, encoding: .utf8)
        let inventory = try Inventory.load(sources: [folder.path, "x[1:2], w1,"])
        #expect(inventory.hosts.map(\.description) == ["x1", "x2", "w1"])
        #expect(inventory.groupNames(of: try HostName("w1")) == ["web"])
        #expect(inventory.location(of: try HostName("w1"))?.description == file + ":2")
    }
}

@Test func aProgramWithoutMetaIsAskedForEachHost() async throws {
    try await withTemporaryFolder { folder in
        let program = folder.appendingPathComponent("dyn").path
        let script = """
            #!/bin/sh
            case $1 in
            --list) echo '{"web": ["w1", "w2"], "all": {"vars": {"u": "\\ud83d\\ude00"}}}' ;;
            --host) echo '{"name": "'$2'", "t": "{{ x }}"}' ;;
            esac
            """
        try script.write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let inventory = try Inventory.load(sources: [program])
        #expect(try variables(of: "w2", inventory) == #"{"name": "w2", "t": "{{ x }}", "u": "😀"}"#)
    }
}

@Test(arguments: [
    ("exit 3", "the inventory program ended with status 3 on --list"),
    (
        "echo '{'",
        "the inventory program's answer to --list is not JSON: expecting property name enclosed in double quotes at line 2, column 1"
    ),
    ("echo '[]'", "the inventory program answered --list with JSON that is no object"),
    (
        #"echo '{"web": {"host": []}}'"#,
        "the inventory program gave the group 'web' neither hosts nor children nor vars"
    ),
])
func aFailingProgramIsAnError(_ line: String, _ message: String) async throws {
    try await withTemporaryFolder { folder in
        let program = folder.appendingPathComponent("dyn").path
        try "#!/bin/sh\n\(line)\n".write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let error = try #require(throws: InputError.self) { try Inventory.load(sources: [program]) }
        #expect(error.message == message)
        #expect(error.subject == program)
    }
}

@Test func tenThousandHostsOfThreeLevels() throws {
    let racks = (0..<100).map { "r\($0): {vars: {rack: \($0)}, hosts: {'h\($0)-[001:100]': {w: 1}}}" }
    let centres = (0..<10).map { centre in
        "c\(centre): {vars: {dc: \(centre)}, children: {\(racks[centre * 10..<centre * 10 + 10].joined(separator: ", "))}}"
    }
    let inventory = try Inventory.parse("all: {vars: {a: 1}, children: {\(centres.joined(separator: ", "))}}")
    #expect(inventory.hosts.count == 10_000)
    #expect(try variables(of: "h57-099", inventory) == #"{"a": 1, "dc": 5, "rack": 57, "w": 1}"#)
    #expect(try inventory.hosts(matching: "c5:&*-099").count == 10)
}
