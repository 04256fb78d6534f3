import Fleet
import OrderedCollections
import Templating
import Testing
import Values

/// A template that fails, and what is said about it.
struct FailingTemplate: Sendable, CustomTestStringConvertible {
    let text: String
    let code: TemplateError.Code
    let line: Int
    let message: String
    var hints: [String] = []

    var testDescription: String { text }

    static let all = [
        FailingTemplate(
            text: "a\n{{ b", code: .syntax, line: 2, message: "tag is not closed with '}}'",
            hints: ["write '}}' behind the expression; a brace that is meant as text goes into quotes"]),
        FailingTemplate(
            text: "a\nb\n{% if x %}\nnever", code: .syntax, line: 3, message: "'if' is not closed",
            hints: ["add {% endif %}"]),
        FailingTemplate(
            text: "{% if x %}\n{% endfor %}", code: .syntax, line: 2,
            message: "unexpected 'endfor': 'if' of line 1 is open"),
        FailingTemplate(
            text: "{% fro x in y %}", code: .syntax, line: 1, message: "unknown tag 'fro'",
            hints: ["did you mean 'for' or 'from'?"]),
        FailingTemplate(
            text: "{{ (1 + [2) }}", code: .syntax, line: 1, message: "')' does not close '['"),
        FailingTemplate(
            text: "{{\n 1 +\n}}", code: .syntax, line: 3, message: "expected an expression, found '}}'"),
        FailingTemplate(text: "{# \n\n", code: .syntax, line: 1, message: "comment is not closed with '#}'"),
        FailingTemplate(text: "{{ 'it }}", code: .syntax, line: 1, message: "string is not closed"),
        FailingTemplate(
            text: "\n{{ port | uper }}", code: .filter, line: 2, message: "unknown filter 'uper'",
            hints: ["did you mean 'upper'?"]),
        FailingTemplate(
            text: "{{ port is defned }}", code: .filter, line: 1, message: "unknown test 'defned'",
            hints: ["did you mean 'defined'?"]),
        FailingTemplate(
            text: "{{ lookup('vras', 'port') }}", code: .filter, line: 1, message: "unknown lookup 'vras'",
            hints: ["did you mean 'vars'?"]),
        FailingTemplate(
            text: "x\n\n{{ prot }}", code: .undefined, line: 3, message: "'prot' is undefined",
            hints: ["did you mean 'port'?"]),
        FailingTemplate(
            text: "x\n{{ server.adress }}", code: .undefined, line: 2,
            message: "object of type 'dict' has no attribute 'adress'", hints: ["did you mean 'address'?"]),
        FailingTemplate(
            text: "{% for p in port %}{% endfor %}", code: .type, line: 1, message: "'int' object is not iterable"),
        FailingTemplate(
            text: "a{{ port + 'x' }}", code: .type, line: 1,
            message: "unsupported operand types for +: 'int' and 'str'"),
        FailingTemplate(
            text: "{{ '{' | from_json }}", code: .filter, line: 1,
            message: "filter 'from_json' failed: text is not valid JSON: "
                + "expecting property name enclosed in double quotes at line 1, column 2"),
        FailingTemplate(
            text: "{{ round_about }}", code: .type, line: 1, message: "recursive loop detected in template"),
        FailingTemplate(
            text: "{{ 9223372036854775807 + 1 }}", code: .type, line: 1, message: "whole number is too large"),
    ]
}

@Suite struct TemplateErrorTests {
    private let templater = Templater()
    private let variables: Variables = [
        "port": .int(80), "server": .map(["address": .string("h")]),
        "round_about": .template(TemplateText("{{ about_round }}")),
        "about_round": .template(TemplateText("{{ round_about }}")),
    ]

    @Test(arguments: FailingTemplate.all) func namesTheLineAndARemedy(_ item: FailingTemplate) throws {
        let error = try #require(throws: TemplateError.self) {
            try templater.file(item.text, name: "motd.j2", in: variables)
        }
        #expect(error.code == item.code)
        #expect(error.message == item.message)
        if item.code != .type || !item.message.contains("recursive") {
            #expect(error.subject == "motd.j2:\(item.line)")
        }
        #expect(error.hints == item.hints)
    }

    @Test func countsLinesFromTheTemplatesPlace() throws {
        let place = SourceLocation(file: "site.yml", line: 10, column: 7)
        let template = Value.template(TemplateText("first\n{{ nope }}", at: place))
        let error = try #require(throws: TemplateError.self) { try templater.evaluate(template, in: variables) }
        #expect(error.subject == "site.yml:11")
    }

    @Test func refusesConditionsThatAreNoBoolean() throws {
        let condition = TemplateText("port", at: SourceLocation(file: "site.yml", line: 4, column: 9))
        let error = try #require(throws: TemplateError.self) {
            try templater.condition(.template(condition), in: variables)
        }
        #expect(error.code == .type)
        #expect(error.subject == "site.yml:4:9")
        #expect(error.hints == ["compare it, or use '| bool', '| length > 0' or 'is truthy'"])
    }

    @Test(arguments: [
        String(repeating: "(", count: 5000), "{{ " + String(repeating: "[", count: 5000) + " }}",
        "{{ " + String(repeating: "not ", count: 5000) + "x }}", "{{ " + String(repeating: "-", count: 5000) + "1 }}",
        "{{ 1" + String(repeating: " + 1", count: 5000) + " }}", "{{ x" + String(repeating: ".x", count: 5000) + " }}",
        "{{ x" + String(repeating: " | e", count: 5000) + " }}",
        "{{ 1" + String(repeating: " if 1 else 1", count: 5000) + " }}",
        String(repeating: "{% if x %}", count: 5000),
    ]) func survivesEndlessNesting(_ text: String) async {
        // On a thread of the pool, whose stack is the smallest there is.
        let templater = templater
        await Task.detached { _ = try? templater.check(text: "{{ a }}" + text) }.value
    }
}
