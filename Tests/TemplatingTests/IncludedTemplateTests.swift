import Fleet
import OrderedCollections
import Templating
import Testing
import Values

/// Templates that bring in others, and what they come to.
struct IncludingTemplate: Sendable, CustomTestStringConvertible {
    let text: String
    let result: String
    var testDescription: String { text }

    static let all = [
        IncludingTemplate(text: "[{% include 'part' %}]", result: "[part of h]"),
        IncludingTemplate(text: "{% set host = 'x' %}{% include 'part' %}", result: "part of x"),
        IncludingTemplate(text: "{% set host = 'x' %}{% include 'part' without context %}", result: "part of h"),
        IncludingTemplate(text: "{% include ['none', 'part'] %}", result: "part of h"),
        IncludingTemplate(text: "a{% include 'none' ignore missing %}b", result: "ab"),
        IncludingTemplate(text: "{% import 'lib' as lib %}{{ lib.twice('x') }} {{ lib.size }}", result: "xx 7"),
        IncludingTemplate(text: "{% from 'lib' import twice as t, size %}{{ t(size) }}", result: "77"),
        IncludingTemplate(text: "{% from 'lib' import _hidden_ %}", result: ""),
        IncludingTemplate(text: "{% extends 'base' %}ignored{% block body %}B{% endblock %}", result: "<head|B>"),
        IncludingTemplate(
            text: "{% extends 'base' %}{% block head %}[{{ super() }}]{% endblock %}", result: "<[head]|body>"),
        IncludingTemplate(
            text: "{% extends 'middle' %}{% block body %}{{ super() }}!{% endblock %}", result: "<head|middle body!>"),
        IncludingTemplate(text: "{% block a %}1{% endblock %}{{ self.a() }}", result: "11"),
        IncludingTemplate(text: "{{ lookup('template', 'part') }}", result: "part of h\n"),
        IncludingTemplate(text: "{% for n in [1, 2] %}{% include 'loop' %}{% endfor %}", result: "1.2."),
    ]
}

@Suite struct IncludedTemplateTests {
    private let templater = Templater(
        environment: TemplateEnvironment(load: { name in
            let sources = [
                "part": "part of {{ host }}\n", "loop": "{{ n }}.",
                "lib": "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{% set size = 7 %}",
                "base": "<{% block head %}head{% endblock %}|{% block body %}body{% endblock %}>",
                "middle": "{% extends 'base' %}{% block body %}middle {{ super() }}{% endblock %}",
                "broken": "\n{{ nope }}", "wrong": "\n{% if %}", "itself": "{% include 'itself' %}",
                "macros": "\n\n{% macro fails() %}\n{{ nope }}{% endmacro %}",
            ]
            return sources[name].map { TemplateEnvironment.Source(text: $0, file: "templates/\(name)") }
        }))
    private let variables: Variables = ["host": .string("h")]

    @Test(arguments: IncludingTemplate.all) func bringsInOtherTemplates(_ item: IncludingTemplate) throws {
        guard !item.text.contains("_hidden_") else {
            let error = try #require(throws: TemplateError.self) {
                try templater.file(item.text, name: "x", in: variables)
            }
            #expect(error.message == "names that begin with an underscore can't be imported")
            return
        }
        #expect(try templater.file(item.text, name: "x", in: variables) == item.result)
    }

    @Test(arguments: [
        ("{% include 'broken' %}", "templates/broken:2", "'nope' is undefined"),
        ("{% include 'wrong' %}", "templates/wrong:2", "expected an expression, found '%}'"),
        ("\n{% include 'absent' %}", "x:2", "template 'absent' not found"),
        ("{% from 'macros' import fails %}{{ fails() }}", "templates/macros:4", "'nope' is undefined"),
    ])
    func errorsNameTheFileTheyAreIn(_ text: String, _ place: String, _ message: String) throws {
        let error = try #require(throws: TemplateError.self) { try templater.file(text, name: "x", in: variables) }
        #expect(error.subject == place)
        #expect(error.message == message)
    }

    @Test func endlessIncludesEnd() throws {
        let error = try #require(throws: TemplateError.self) {
            try templater.file("{% include 'itself' %}", name: "x", in: variables)
        }
        #expect(error.message == "recursive loop detected in template")
    }
}
