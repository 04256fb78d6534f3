import Fleet
import Testing
import Values

struct ScalarCase: Sendable {
    let text: String
    let value: Value
}

@Test(arguments: [
    ScalarCase(text: "yes", value: .bool(true)), ScalarCase(text: "Off", value: .bool(false)),
    ScalarCase(text: "y", value: .string("y")), ScalarCase(text: "\"yes\"", value: .string("yes")),
    ScalarCase(text: "~", value: .null), ScalarCase(text: "", value: .null),
    ScalarCase(text: "0644", value: .int(420)), ScalarCase(text: "0o17", value: .string("0o17")),
    ScalarCase(text: "089", value: .string("089")), ScalarCase(text: "12:30:45", value: .int(45045)),
    ScalarCase(text: "1_000", value: .int(1000)), ScalarCase(text: "0x1F", value: .int(31)),
    ScalarCase(text: "-0b11", value: .int(-3)), ScalarCase(text: "1e3", value: .string("1e3")),
    ScalarCase(text: "1.5e+3", value: .double(1500)), ScalarCase(text: "1.5e3", value: .string("1.5e3")),
    ScalarCase(text: "5.", value: .double(5)), ScalarCase(text: ".5", value: .double(0.5)),
    ScalarCase(text: "-.5", value: .string("-.5")), ScalarCase(text: "1.2.3", value: .string("1.2.3")),
    ScalarCase(text: "-.inf", value: .double(-.infinity)), ScalarCase(text: "190:20:30.15", value: .double(685230.15)),
    ScalarCase(text: "2001-01-01", value: .string("2001-01-01")), ScalarCase(text: "!!str 5", value: .string("5")),
    ScalarCase(text: "!!int \"5\"", value: .int(5)), ScalarCase(text: "!unsafe \"{{ x }}\"", value: .string("{{ x }}")),
    ScalarCase(text: "'{{ x }}'", value: .template(TemplateText("{{ x }}"))),
    ScalarCase(text: "[a, 1, {b: no}]", value: .list([.string("a"), .int(1), .map(["b": .bool(false)])])),
])
func resolvesAsPyYAML(_ c: ScalarCase) throws {
    let node = try #require(try YAMLReader.parse("key: \(c.text)\n", file: "x.yml"))
    #expect(node["key"]?.value == c.value)
}

@Test func placesAreLineAndColumn() throws {
    let node = try #require(try YAMLReader.parse("a:\n  - b: \"{{ c }}\"\n", file: "x.yml"))
    let template = try #require(node["a"]?.items?.first?["b"])
    #expect(template.location == SourceLocation(file: "x.yml", line: 2, column: 8))
    guard case .template(let text) = template.value else { throw Oops() }
    #expect(text.location?.description == "x.yml:2:8")
}

private struct Oops: Error {}

@Test func mergeKeysGoFirstAndLose() throws {
    let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {c: 3, <<: [*x, *y], d: 4}\n"
    let node = try #require(try YAMLReader.parse(text, file: "x.yml"))
    #expect(node["z"]?.value == .map(["b": .int(1), "c": .int(3), "a": .int(1), "d": .int(4)]))
    #expect(node["z"]?.entries?.map { $0.key.text } == ["b", "c", "a", "d"])
}

@Test func laterKeyWinsWhenAllowed() throws {
    let text = "a: 1\nb: 2\n\"a\": 3\n1: x\n\"1\": y\n"
    let node = try #require(try YAMLReader.parse(text, file: "x.yml", repeatedKeys: .laterWins))
    #expect(node.entries?.count == 4)
    #expect(node["a"]?.value == .int(3))
    #expect(node["1"]?.value == .string("y"))
}

struct FaultCase: Sendable {
    let text: String
    let place: String
    let message: String
    var hint: String?
}

@Test(arguments: [
    FaultCase(
        text: "a: 1\nb: 2\na: 3\n", place: "x.yml:3:1",
        message: "the key 'a' stands here for the second time, first on line 1", hint: "keep one of the two"),
    FaultCase(
        text: "a:\n\tb: 1\n", place: "x.yml:2:1", message: "a tab in the indentation",
        hint: "indent with spaces; YAML knows no tabs"),
    FaultCase(
        text: "a: b: c\n", place: "x.yml:1:5", message: "there is a ':' where no key can stand",
        hint: "put a value that holds ': ' in quotes; or the line is indented too far"),
    FaultCase(
        text: "a: {{ b }}\n", place: "x.yml:1:5", message: "a value begins with '{{' and has no quotes",
        hint: "a value that begins with '{{' must stand in quotes: \"{{ name }}\""),
    FaultCase(
        text: "a: {{ b }}/c\n", place: "x.yml:1:5", message: "a value begins with '{{' and has no quotes",
        hint: "a value that begins with '{{' must stand in quotes: \"{{ name }}\""),
    FaultCase(
        text: "a: !secret x\n", place: "x.yml:1:4", message: "the YAML tag '!secret' is not known",
        hint: "known tags are !unsafe, !vault, !!str, !!int, !!float, !!bool and !!null"),
    FaultCase(
        text: "a: 1\n---\nb: 2\n", place: "x.yml:3:1", message: "a second YAML document begins here",
        hint: "one file holds one document: take out the '---' in the middle"),
    FaultCase(
        text: "a: \"x\nb: 1\n", place: "x.yml:3:1", message: "the file ends inside a quoted text",
        hint: "close the quotes that begin on or before this line"),
])
func explainsFaults(_ c: FaultCase) throws {
    let error = try #require(throws: InputError.self) { try YAMLReader.parse(c.text, file: "x.yml") }
    #expect(error.subject == c.place)
    #expect(error.message == c.message)
    #expect(error.hints == c.hint.map { [$0] } ?? [])
}
