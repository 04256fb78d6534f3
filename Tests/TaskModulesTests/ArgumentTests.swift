import Fleet
import OrderedCollections
import Testing
import Values

@testable import TaskModules

private let place = SourceLocation(file: "site.yml", line: 7)

struct ModeCase: Sendable, CustomTestStringConvertible {
    let mode: Value
    let current: UInt16
    var isDirectory = false
    let bits: UInt16
    var testDescription: String { "\(mode.plainText ?? "") on \(String(current, radix: 8))" }
}

@Test(arguments: [
    ModeCase(mode: .int(420), current: 0, bits: 0o644), ModeCase(mode: .string("0644"), current: 0, bits: 0o644),
    ModeCase(mode: .string("644"), current: 0, bits: 0o644), ModeCase(mode: .string("0o644"), current: 0, bits: 0o644),
    ModeCase(mode: .string("1777"), current: 0, bits: 0o1777),
    ModeCase(mode: .string("u=rw,g=r,o="), current: 0o777, bits: 0o640),
    ModeCase(mode: .string("u+x"), current: 0o644, bits: 0o744),
    ModeCase(mode: .string("a-w"), current: 0o666, bits: 0o444),
    ModeCase(mode: .string("go=rX"), current: 0o700, bits: 0o755),
    ModeCase(mode: .string("go=rX"), current: 0o600, bits: 0o644),
    ModeCase(mode: .string("a=rX"), current: 0o600, isDirectory: true, bits: 0o555),
    ModeCase(mode: .string("g=u"), current: 0o640, bits: 0o660),
    ModeCase(mode: .string("u+s,g+s,o+t"), current: 0o755, bits: 0o7755),
    ModeCase(mode: .string("u=rwx"), current: 0o4755, bits: 0o755),
    ModeCase(mode: .string("+w"), current: 0o444, bits: 0o644),
    ModeCase(mode: .string("u=rw-x+X,g=r-x+X"), current: 0o750, bits: 0o750),
])
func modesAreWorkedOut(_ example: ModeCase) throws {
    #expect(try FileMode(example.mode).bits(from: example.current, isDirectory: example.isDirectory) == example.bits)
}

@Test(arguments: [
    Value.string("0888"), .string("rw-r--r--"), .string("u=q"), .string(""), .int(99999), .bool(true), .string("u"),
])
func wrongModesAreRefused(_ mode: Value) {
    #expect(throws: InputError.self) { try FileMode(mode) }
}

@Test(arguments: [
    (Value.string("yes"), true), (.string("On"), true), (.string("1"), true), (.int(1), true), (.string("t"), true),
    (.bool(false), false), (.string("no"), false), (.string("OFF"), false), (.int(0), false), (.string("n"), false),
])
func booleansHaveManySpellings(_ value: Value, _ expected: Bool) throws {
    #expect(try ModuleArguments(["x": value], at: place).bool("x") == expected)
}

@Test func otherBooleansAreRefused() {
    for value in [Value.string("maybe"), .int(2), .list([])] {
        #expect(throws: InputError.self) { try ModuleArguments(["x": value], at: place).bool("x") }
    }
}

@Test(arguments: [
    (Value.string("a, b,c"), ["a", "b", "c"]), (.string("a"), ["a"]), (.int(5), ["5"]),
    (.list([.string("x,y"), .int(1)]), ["x,y", "1"]),
    (.string(""), []),
])
func listsComeFromText(_ value: Value, _ expected: [String]) throws {
    #expect(try ModuleArguments(["x": value], at: place).strings("x") == expected)
}

struct RefusedCase: Sendable, CustomTestStringConvertible {
    let module: String
    let arguments: Variables
    var freeForm: String?
    let message: String
    var hint: String?
    var testDescription: String { "\(module): \(message)" }
}

@Test(arguments: [
    RefusedCase(
        module: "copy", arguments: ["dest": .string("/x"), "contents": .string("")],
        message: "module 'copy' has no parameter 'contents'", hint: "did you mean 'content'?"),
    RefusedCase(module: "copy", arguments: ["content": .string("")], message: "module 'copy' needs parameter 'dest'"),
    RefusedCase(
        module: "copy", arguments: ["dest": .string("/x")], message: "module 'copy' needs one of: src, content"),
    RefusedCase(
        module: "copy", arguments: ["dest": .string("/x"), "src": .string("a"), "content": .string("b")],
        message: "parameters 'src' and 'content' of 'copy' cannot stand together"),
    RefusedCase(
        module: "file", arguments: ["path": .string("/x"), "state": .string("folder")],
        message: "parameter 'state' of 'file' cannot be 'folder'",
        hint: "it can be: absent, directory, file, hard, link, touch"),
    RefusedCase(
        module: "file", arguments: ["dest": .string("/x"), "mode": .string("999")],
        message: "parameter 'mode': '999' is not a mode"),
    RefusedCase(
        module: "service", arguments: ["name": .string("x"), "enabled": .string("perhaps")],
        message: "parameter 'enabled' must be true or false, not 'perhaps'"),
    RefusedCase(module: "command", arguments: [:], message: "module 'command' needs one of: free_form, cmd, argv"),
    RefusedCase(
        module: "file", arguments: ["path": .string("/x")], freeForm: "x",
        message: "module 'file' takes parameters, not the text 'x'"),
    RefusedCase(
        module: "lineinfile",
        arguments: [
            "path": .string("/x"), "line": .string("a"), "insertafter": .string("a"), "insertbefore": .string("b"),
        ], message: "parameters 'insertbefore' and 'insertafter' of 'lineinfile' cannot stand together"),
    RefusedCase(
        module: "user", arguments: ["name": .string("x"), "uid": .string("many")],
        message: "parameter 'uid' must be a whole number"),
])
func wrongArgumentsAreRefusedBeforeARun(_ example: RefusedCase) throws {
    let type = try #require(ModuleCatalog.module(named: example.module))
    let error = #expect(throws: InputError.self) {
        try type.specification.validate(example.arguments, freeForm: example.freeForm, at: place)
    }
    #expect(error?.message == example.message)
    #expect(error?.location == place)
    if let hint = example.hint { #expect(error?.hints.contains(hint) == true) }
}

@Test func templatesAreCheckedByNameAlone() throws {
    let mode = Value.template(TemplateText("{{ mode }}"))
    let type = try #require(ModuleCatalog.module(named: "ansible.builtin.file"))
    let values = try type.specification.validate(
        ["dest": .template(TemplateText("{{ x }}")), "state": mode, "mode": mode], at: place)
    #expect(Array(values.keys) == ["path", "state", "mode"])
}

@Test func modulesAreFoundByAnyOfTheirNames() {
    for name in ["systemd", "systemd_service", "ansible.builtin.systemd", "ansible.legacy.copy", "shell"] {
        #expect(ModuleCatalog.module(named: name) != nil, "\(name)")
    }
    #expect(ModuleCatalog.module(named: "sistemd") == nil)
    #expect(ModuleCatalog.hints(for: "lineinfle") == ["did you mean 'lineinfile'?"])
    #expect(ModuleCatalog.hints(for: "ansible.builtin.coppy") == ["did you mean 'copy'?"])
}

@Test(arguments: [
    ("1.0", "1.1", true), ("1.9", "1.10", true), ("1:1.0", "2.0", false), ("1.0~rc1", "1.0", true),
    ("1.0-1", "1.0-2", true),
    ("1.0", "1.0", false), ("1.0+b1", "1.0", false), ("1.0a", "1.0", false), ("1.0-1+deb12u1", "1.0-1+deb12u2", true),
    ("0", "0~", false),
])
func debianVersionsAreOrdered(_ left: String, _ right: String, _ isLess: Bool) {
    #expect(DebianVersion.isLess(left, right) == isLess)
}

@Test(arguments: [
    (Touch.nothing, [String]()), (.paths(["/etc/a"]), ["path /etc/a", "content /etc/a", "path /etc/a/b"]),
    (.paths(["/etc/systemd/system/x.service"]), ["unit x"]),
])
func changesMakeKnowledgeStale(_ touch: Touch, _ forgotten: [String]) {
    var snapshot = Snapshot()
    let probes: [(String, Probe)] = [
        ("path /etc/a", .path("/etc/a")), ("content /etc/a", .content("/etc/a")), ("path /etc/a/b", .path("/etc/a/b")),
        ("path /etc/ab", .path("/etc/ab")), ("unit x", .unit("x")), ("package p", .package("p")), ("session", .session),
    ]
    for (_, probe) in probes { snapshot[probe] = .absent }
    snapshot.forget(touch)
    #expect(probes.filter { snapshot[$0.1] == nil }.map(\.0) == forgotten)
    snapshot.forget(.everything)
    #expect(probes.filter { snapshot[$0.1] != nil }.map(\.0) == ["session"])
}
