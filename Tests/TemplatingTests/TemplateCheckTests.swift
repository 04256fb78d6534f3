import Fleet
import Templating
import Testing
import Values

@Suite struct TemplateCheckTests {
    private let templater = Templater()

    @Test func findsTheNamesATemplateTakesFromOutside() throws {
        let text = """
            {% set own = given %}{{ own + other }}
            {% for item in items_list if item > limit %}{{ item }} {{ loop.index }}{% endfor %}
            {% macro line(text, end=default_end) %}{{ text }}{{ end }}{% endmacro %}{{ line('x') }}
            {{ lookup('vars', name) }} {{ range(3) }} {{ item }}
            """
        let use = try templater.check(text: text, at: SourceLocation(file: "a.yml", line: 5))
        #expect(
            use.variables.map { "\($0.name)@\($0.location?.line ?? 0)" } == [
                "given@5", "other@5", "items_list@6", "limit@6", "default_end@7", "name@8", "item@8",
            ])
        #expect(use.lookups.map(\.name) == ["vars"])
    }

    @Test func findsTheTemplatesAFileBringsIn() throws {
        let text = "{% extends 'base.j2' %}\n{% include 'part.j2' %}{% import 'lib.j2' as lib %}{% include chosen %}"
        let use = try templater.check(file: text, name: "site.j2")
        #expect(use.templates.map(\.name) == ["base.j2", "part.j2", "lib.j2"])
        #expect(use.variables.map(\.name) == ["chosen"])
        #expect(use.templates[1].location?.description == "site.j2:2")
    }

    @Test func refusesUnknownNamesThatMapAndSelectApply() throws {
        let wrong = [
            "{{ x | map('uper') }}": "unknown filter 'uper'", "{{ x | select('defind') }}": "unknown test 'defind'",
            "{{ x | selectattr('a', 'equalt', 1) }}": "unknown test 'equalt'",
            "{{ lookup('fiel', 'x') }}": "unknown lookup 'fiel'",
        ]
        for (text, message) in wrong {
            let error = try #require(throws: InputError.self) { try templater.check(text: text) }
            #expect(error.message == message)
        }
    }

    @Test func readsExpressionsWithAndWithoutMarkers() throws {
        #expect(try templater.check(expression: "a.b is defined and c").variables.map(\.name) == ["a", "c"])
        #expect(try templater.check(expression: "{{ d }}").variables.map(\.name) == ["d"])
        let error = try #require(throws: InputError.self) {
            try templater.check(expression: "a ==", at: SourceLocation(file: "site.yml", line: 3, column: 13))
        }
        #expect(error.subject == "site.yml:3:13")
    }

    @Test func looksInsideListsAndMaps() throws {
        let value: Value = .list([.map(["k": .trusted("{{ a }}")]), .string("{{ not_a_template }}")])
        #expect(try templater.check(value).variables.map(\.name) == ["a"])
    }
}
