import Fleet
import Foundation
import Inventories
import TestSupport
import Testing

/// One wrong inventory, and what is said of it.
struct InventoryFault: Sendable, CustomTestStringConvertible {
    let file: String
    let text: String
    let place: String
    let message: String
    let hint: String

    init(_ file: String, _ text: String, at place: String, _ message: String, _ hint: String) {
        self.file = file
        self.text = text
        self.place = place
        self.message = message
        self.hint = hint
    }

    var testDescription: String { message }
}

private let ranges = "ranges look like [1:20], [01:20], [a:f] or [0:100:10]"

private let yamlFaults = [
    InventoryFault(
        "x.yml", "web:\n  host:\n    w1:\n", at: ":2:3", "the group 'web' has the unknown key 'host'",
        "did you mean 'hosts'?"),
    InventoryFault(
        "x.yml", "web:\n  db:\n    hosts: {d1: }\n", at: ":2:3", "the group 'web' has the unknown key 'db'",
        "a group holds 'hosts', 'children' and 'vars'; subgroups stand under 'children', hosts under 'hosts'"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    - w1\n", at: ":3:5", "'hosts' of the group 'web' must be a mapping, not a list",
        "write 'w1:' instead of '- w1'"),
    InventoryFault(
        "x.yml", "- web\n- db\n", at: ":1:1", "a YAML inventory is a mapping of groups, not a list",
        "begin with 'all:', and put 'hosts:' and 'children:' under it"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w[5:3]:\n", at: ":3:5", "the host range [5:3] ends before it begins", ranges),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w[a]:\n", at: ":3:5", "the host range [a] must be begin:end or begin:end:step",
        ranges),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w[01:100]:\n", at: ":3:5",
        "the host range [01:100] needs as many digits at its end as at its beginning", ranges),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w[1:99999999]:\n", at: ":3:5",
        "the host range [1:99999999] makes more than 100000 names", ranges),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w[1:2:0]:\n", at: ":3:5", "the host range [1:2:0] must have a step of 1 or more",
        ranges),
    InventoryFault(
        "x.yml", "a:\n  children:\n    b:\n      children:\n        a:\n", at: ":3:5",
        "the group 'b' can't be a child of 'a', which is inside of it",
        "take one of the two out of the other's children"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w1:\n    w2:\n    w1: {x: 1}\n", at: ":5:5",
        "the key 'w1' stands here for the second time, first on line 3", "keep one of the two"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    10:\n", at: ":3:5", "a host's name must be text, not the number 10",
        "put it in quotes"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    \"w 1\":\n", at: ":3:5",
        "host name 'w 1' has a character that no host name has",
        "use letters, digits, '.', '_', ':', '-', '@', '+' and '%'"),
    InventoryFault(
        "x.yml", "web:\n  hosts:\n    w1: fast\n", at: ":3:9",
        "the variables of the host 'w1' must be a mapping, not the text 'fast'",
        "write 'name: value' on a line of its own under the host"),
    InventoryFault(
        "x.yml", "web:\n  vars:\n    a: {{ b }}\n", at: ":3:9", "a value begins with '{{' and has no quotes",
        "a value that begins with '{{' must stand in quotes: \"{{ name }}\""),
    InventoryFault(
        "x.yml", "web:\n\thosts:\n", at: ":2:1", "a tab in the indentation", "indent with spaces; YAML knows no tabs"),
]

private let iniFaults = [
    InventoryFault(
        "x", "[web]\nw1\n[prod:children]\nwbe\n", at: ":4",
        "[prod:children] names the group 'wbe', which no section declares", "did you mean 'web'?"),
    InventoryFault(
        "x", "[web]\nw1\n[wbe:vars]\nx=1\n", at: ":3",
        "[wbe:vars] sets variables of a group that no section declares", "did you mean 'web'?"),
    InventoryFault(
        "x", "[web:hots]\nw1\n", at: ":1", "the section [web:hots] is of an unknown kind",
        "kinds are [web], [web:children] and [web:vars]"),
    InventoryFault(
        "x", "[a]\n[web servers]\nw1\n", at: ":2", "'[web servers]' is no section",
        "sections are [group], [group:children] and [group:vars], without blanks"),
    InventoryFault(
        "x", "[web]\nw1 key = 1\n", at: ":2", "a host's variables are written name=value, but this is 'key'",
        "leave no blanks around '=', and put a value with blanks in quotes"),
    InventoryFault(
        "x", "[web]\nw1 a={{ b }}\n", at: ":2", "a host's variables are written name=value, but this is 'b'",
        "put a template with blanks in quotes: name=\"{{ other }}\""),
    InventoryFault(
        "x", "[web]\nw1 a=\"x\n", at: ":2", "a quote is never closed",
        "close the quote, or put a backslash before it"),
    InventoryFault(
        "x", "[a:children]\nb\n[b:children]\na\n", at: ":4",
        "the group 'a' can't be a child of 'b', which is inside of it",
        "take one of the two out of the other's children"),
    InventoryFault(
        "x", "[web]\nw1\n[web:vars]\nw2\n", at: ":4", "[web:vars] holds name=value, but this is 'w2'",
        "hosts belong into the section [web]"),
    InventoryFault(
        "x", "[web]\nw1\n[p:children]\nweb x=1\n", at: ":4",
        "[p:children] holds names of groups, but this is 'web x=1'",
        "hosts and their variables belong into the section [p]"),
    InventoryFault(
        "x.ini", "web:\n  hosts:\n", at: ":1", "the host 'web:' ends in ':', which is where a port is written",
        "is this file YAML? then its name must end in .yml"),
    InventoryFault(
        "x.toml", "[web]\n", at: "", "inventories in TOML are not read",
        "convert it: ansible-inventory -i x.toml --list --yaml --export"),
]

@Test(arguments: yamlFaults + iniFaults)
func saysWhatIsWrongAndWhere(_ fault: InventoryFault) async throws {
    try await withTemporaryFolder { folder in
        let path = folder.appendingPathComponent(fault.file).path
        try fault.text.write(toFile: path, atomically: true, encoding: .utf8)
        let error = try #require(throws: InputError.self) { try Inventory.load(sources: [path]) }
        #expect(error.subject == path + fault.place)
        #expect(error.message == fault.message)
        #expect(error.hints.map { $0.replacingOccurrences(of: path, with: fault.file) } == [fault.hint])
    }
}

@Test func aMissingSourceNamesTheNearestFile() async throws {
    try await withTemporaryFolder { folder in
        let path = folder.appendingPathComponent("production.yml").path
        try "all:\n".write(toFile: path, atomically: true, encoding: .utf8)
        let wrong = folder.appendingPathComponent("prodution.yml").path
        let error = try #require(throws: InputError.self) { try Inventory.load(sources: [wrong]) }
        #expect(error.hints == ["did you mean 'production.yml'?"])
    }
}

@Test func faultsInVariableFilesAreFoundBeforeAnythingIsDone() async throws {
    try await withTemporaryFolder { folder in
        let path = folder.appendingPathComponent("hosts.yml").path
        try "web: {hosts: {w1: }}\n".write(toFile: path, atomically: true, encoding: .utf8)
        let variables = folder.appendingPathComponent("group_vars")
        try FileManager.default.createDirectory(at: variables, withIntermediateDirectories: true)
        let file = variables.appendingPathComponent("web.yml").path
        try "- a\n".write(toFile: file, atomically: true, encoding: .utf8)
        let error = try #require(throws: InputError.self) { try Inventory.load(sources: [path]) }
        #expect(error.subject == file + ":1:1")
        #expect(error.message == "variables are a mapping of names to values, not a list")
    }
}
