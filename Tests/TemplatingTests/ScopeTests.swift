import Fleet
import OrderedCollections
import Synchronization
import Templating
import Testing
import Values

/// What a scope says about a value that is not known yet.
private struct NotYetKnown: Error, Equatable { let name: String }

/// A scope that counts what it is asked, and knows nothing of `later`.
private final class CountingScope: TemplateScope {
    let asked = Mutex<[String]>([])
    private let variables: Variables

    init(_ variables: Variables) { self.variables = variables }

    func binding(for name: String) throws -> Binding? {
        asked.withLock { $0.append(name) }
        if name == "later" { throw NotYetKnown(name: name) }
        if name == "hostvars" { return .mapping(CountingHosts()) }
        return variables[name].map(Binding.value)
    }
}

private struct CountingHosts: LazyMapping {
    func binding(for key: String) throws -> Binding? {
        switch key {
        case "web1": .value(.map(["ip": .string("10.0.0.1")]))
        case "web2": throw NotYetKnown(name: key)
        default: nil
        }
    }

    var keys: [String] { ["web1", "web2"] }
}

@Suite struct ScopeTests {
    private let templater = Templater()

    @Test(arguments: [
        "{{ later }}", "{{ later | default('x') }}", "{{ later is defined }}", "{{ [later] | length }}",
        "{{ hostvars.web2 | default('x') }}", "{{ deep }}", "{% if later %}{% endif %}",
        "{{ lookup('vars', 'later') }}",
        "{{ ['a'] | map('default', later) }}",
    ])
    func letsTheScopesErrorsThrough(_ text: String) throws {
        let scope = CountingScope(["deep": .list([.trusted("{{ [later] }}")])])
        #expect(throws: NotYetKnown.self) { try templater.evaluate(.trusted(text), in: scope) }
    }

    @Test func asksOnlyForWhatIsUsed() throws {
        let scope = CountingScope(["a": .int(1), "b": .trusted("{{ later }}")])
        let value = try templater.evaluate(.trusted("{{ a if true else b }}{{ a }}"), in: scope)
        #expect(value == .string("11"))
        #expect(scope.asked.withLock { $0 } == ["a"])
    }

    @Test func leavesElementsAloneThatNobodyReads() throws {
        let scope = CountingScope(["m": .map(["ready": .int(1), "pending": .trusted("{{ later }}")])])
        #expect(try templater.evaluate(.trusted("{{ m.ready + (m | length) }}"), in: scope) == .int(3))
    }

    @Test func asksMappingsKeyByKey() throws {
        let scope = CountingScope([:])
        let found = try templater.evaluate(
            .trusted("{{ hostvars['web1'].ip }} {{ hostvars.web9 is defined }}"), in: scope)
        #expect(found == .string("10.0.0.1 False"))
        #expect(
            try templater.evaluate(.trusted("{{ hostvars | list }}"), in: scope)
                == .list([.string("web1"), .string("web2")]))
    }

    @Test func neverEvaluatesUntrustedText() throws {
        let variables: Variables = ["answer": .string("{{ 1 + 1 }}"), "list": .list([.string("{{ 2 }}")])]
        #expect(try templater.evaluate(.trusted("{{ answer }}"), in: variables) == .string("{{ 1 + 1 }}"))
        #expect(
            try templater.evaluate(.trusted("{{ list[0] ~ answer }}"), in: variables) == .string("{{ 2 }}{{ 1 + 1 }}"))
        #expect(
            try templater.evaluate(.trusted("{{ lookup('vars', 'answer') }}"), in: variables) == .string("{{ 1 + 1 }}"))
        #expect(try templater.condition(.string("answer == \"{\" ~ \"{ 1 + 1 }}\""), in: variables))
    }

    @Test(arguments: [
        "{% macro m() %}{{ m.name }}{% endmacro %}{{ m() }}",
        "{% set ns = namespace(l=lookup) %}{{ ns.l('vars', 'a') }}",
        "{% set c = cycler(1, 2) %}{{ c.next() }}",
        "{% for x in [1] recursive %}{% set ns = namespace(l=loop) %}{% endfor %}",
        "{{ a }}{{ [a, d] | map('string') | list }}", "{% set f = d.update %}{% set _ = f({'g': f}) %}",
    ])
    func letsGoOfTheScope(_ text: String) throws {
        weak var seen: CountingScope?
        do {
            let scope = CountingScope(["a": .int(1), "d": .map(["k": .trusted("{{ a }}")])])
            seen = scope
            _ = try templater.file(text, name: "x.j2", in: scope)
        }
        #expect(seen == nil)
    }

    @Test func rendersForManyHostsAtOnce() async throws {
        let text = "{% for p in ports %}{{ name }}:{{ p }} {% endfor %}\n"
        try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let variables: Variables = [
                        "name": .string("h\(number)"), "ports": .list([.int(number), .int(1)]),
                    ]
                    return try templater.file(text, name: "x.j2", in: variables)
                }
            }
            var seen: Set<String> = []
            for try await line in group { seen.insert(line) }
            #expect(seen == Set((0..<50).map { "h\($0):\($0) h\($0):1 \n" }))
        }
    }
}
