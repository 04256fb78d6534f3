import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import Templating

/// Everything that a template can call, given extreme and malformed values: each call comes to a value or to an error
/// of ours, and soon.
///
/// The calls are made of what is registered, so that new ones are among them. Longer on demand:
/// `DROVER_FUZZ_ROUNDS=5000 swift test --filter ExtremeValueTests`.
@Suite(.timeLimit(.minutes(10)))
struct ExtremeValueTests {
    private static let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 40
    /// How long one call may take, in a debug build on a busy machine.
    private static let patience: Duration = .seconds(30)

    /// Operands as a template writes them; the names are of ``scope``.
    static let operands = [
        "0", "1", "-1", "2", "3", "7", "10", "16", "36", "37", "62", "63", "64", "100", "-2", "-18", "-19", "255",
        "1000000", "2147483647", "2147483648", "-2147483648", "4294967296", "9007199254740992", "9007199254740993",
        "9223372036854775807", "9223372036854775806", "(-9223372036854775807 - 1)", "-9223372036854775807",
        "4611686018427387904", "1.0", "-0.0", "0.5", "-0.5", "2.5", "1e15", "1e16", "9.25e18", "9.3e18", "-9.3e18",
        "1e30", "-1e300", "1e308", "5e-324", "nan", "inf", "(-inf)", "true", "false", "none", "''", "' '", "'a'",
        "'ab'",
        "'%'", "'%s'", "'%d'", "'%99999999999999999999d'", "'%*d'", "'%-*.*f'", "'%.999999999f'", "'%(a)s'", "'%c'",
        "'%5'", "'%Y-%m-%d'", "'%q%'", "'{}'", "'{0}'", "'{:>9223372036854775807}'", "'{:{}}'", "'{:{:{}}}'",
        "'{a[b].c}'",
        "'{0.__class__}'", "'{'", "'}'", "'{!r:^99}'", "'{:.99999999999999999999f}'", "'0x7fffffffffffffffffff'",
        "'-9223372036854775808'", "'9223372036854775808'", "'10E'", "'1e999'", "'9' * 400", "'1,5'", "'10 GiB'",
        "'nan'",
        "'2024-02-30'", "'99:99:99'", "'(a+)+$'", "'(?P<x>a)(?P=x)'", "'(['", "'a{1,99999}'", "'\\1'", "'\\-1'",
        "'\\g<-1>'", "'\\g<99999999999999999999>'", "'\\9'", "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'",
        "'{\"a\": \"\\ud800\\u0041\"}'", "'\"\\ud800\\ud800\"'", "'\"\\udc00\"'",
        "'[1e999, -0, 99999999999999999999]'",
        "'[' * 3000", "'{\"a\":' * 3000", "'{{ x }}'", "'a.b.c'", "'a.0.-1'", "'/../..//a'", "'http://[::1'",
        "'http://u:p@h:99999999999999999999/%zz?#'", "'1.2.99999999999999999999'", "'1!2.3rc99999999999999999999'",
        "'e\\u0301'",
        "'\\U0001F600'", "'\\x00'", "long", "blob", "[]", "[1, 2]", "[nan, inf]", "['a', 'b', 'a']", "[[1, [2, [3]]]]",
        "[none, 'x', 1.5]", "{}", "{'a': 1}", "{'a': {'b': [1]}}", "[{'a': 1, 'b': [1]}, {'a': 2, 'b': []}]",
        "{1: 2, 'x': none}",
        "()", "(1,)", "range(0)", "range(5)", "range(10 ** 18)", "range(-9223372036854775807, 9223372036854775807, 3)",
        "range(9223372036854775807, -9223372036854775807, -9223372036854775807)", "deep", "wide", "missing", "omit",
        "date", "(date - date)", "namespace(a=1)", "cycler(1, 2)", "joiner()", "'both'", "'common'", "'floor'", "'key'",
        "'value'",
        "'sha512'", "'base64'", "'append_rp'", "'semver'", "'strict'", "'>='", "'cblock'", "'plain'",
    ]

    static let scope: Variables = [
        "nan": .double(.nan), "inf": .double(.infinity), "long": .string(String(repeating: "ab c", count: 1000)),
        "blob": .string(String(decoding: (0...255).map { UInt8($0) }, as: UTF8.self)),
        "deep": (0..<190).reduce(Value.int(1)) { inner, depth in
            depth.isMultiple(of: 2) ? .list([inner]) : .map(["a": inner])
        },
        "wide": .list((0..<200).map { .string("item\($0)") }),
        "date": .template(TemplateText("{{ '2024-05-01 12:30:00' | to_datetime }}")),
    ]

    static let templater = Templater(
        environment: TemplateEnvironment(
            load: { _ in nil }, lookups: ["env": { _ in [.string("value")] }], now: { 1e9 }, random: { $0 / 2 }))

    /// Evaluates, and expects a value or an error of ours within the time.
    private func expectAnEnd(_ expression: String, _ location: Testing.SourceLocation = #_sourceLocation) {
        let start = ContinuousClock.now
        CrashWitness.watch(expression) {
            do {
                _ = try Self.templater.expression(expression, in: Self.scope)
            } catch {
                #expect(error is TemplateError, "\(expression): \(error)", sourceLocation: location)
            }
        }
        let took = ContinuousClock.now - start
        #expect(took < Self.patience, "\(expression) took \(took)", sourceLocation: location)
    }

    private func arguments(_ dice: inout Dice, names: [String], most: Int) -> String {
        let count = Int.random(in: 0...most, using: &dice)
        var given = (0..<count).map { _ in dice.pick(Self.operands) }
        for name in names where dice.next() % 4 == 0 { given.append("\(name)=\(dice.pick(Self.operands))") }
        return given.joined(separator: ", ")
    }

    // MARK: Filters and tests

    @Test(arguments: Filters.all.keys.sorted())
    func filtersComeToAnEnd(_ name: String) throws {
        let plugin = try #require(Filters.all[name])
        var dice = Dice(UInt64(name.utf8.reduce(7) { $0 &* 31 &+ Int($1) }.magnitude))
        for operand in Self.operands { expectAnEnd("(\(operand)) | \(name)") }
        for _ in 0..<Self.rounds {
            let most = plugin.parameters.count + (plugin.takesMore ? 2 : 0)
            let arguments = arguments(&dice, names: plugin.parameters, most: most)
            expectAnEnd("(\(dice.pick(Self.operands))) | \(name)(\(arguments))")
        }
    }

    @Test func testsComeToAnEnd() {
        var dice = Dice(3)
        for (name, plugin) in Tests.all.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<Self.rounds {
                let arguments = arguments(&dice, names: plugin.parameters, most: plugin.parameters.count)
                expectAnEnd("(\(dice.pick(Self.operands))) is \(name)(\(arguments))")
            }
        }
    }

    // MARK: Methods

    private static let numberMethods = [
        "__and__", "__or__", "__xor__", "__lshift__", "__rshift__", "bit_length", "is_integer",
    ]
    private static let dateMethods = [
        "year", "month", "day", "hour", "minute", "second", "strftime", "isoformat", "timestamp", "weekday", "days",
        "seconds", "microseconds", "total_seconds",
    ]

    @Test func methodsComeToAnEnd() {
        var dice = Dice(5)
        let own: [(subjects: [String], names: [String])] = [
            (
                ["''", "'a'", "'a b'", "long", "'{}'", "'{:{}}'", "'{0[0]}'", "'\\t\\tx'", "blob"],
                StringMethods.all.keys.sorted()
            ),
            (["[]", "[1, 2, 3]", "wide", "[nan]", "deep"], ListMethods.all.keys.sorted()),
            (["{}", "{'a': 1}", "{1: [2]}"], DictMethods.all.keys.sorted()),
            (["0", "-1", "9223372036854775807", "(-9223372036854775807 - 1)", "1.5", "inf"], Self.numberMethods),
            (["date", "(date - date)"], Self.dateMethods),
        ]
        for (subjects, names) in own {
            for name in names {
                for _ in 0..<Self.rounds {
                    expectAnEnd("(\(dice.pick(subjects))).\(name)(\(arguments(&dice, names: [], most: 3)))")
                }
            }
        }
    }

    // MARK: Operators, functions, lookups

    @Test func operatorsComeToAnEnd() {
        var dice = Dice(9)
        let signs =
            ArithmeticOperator.allCases.map(\.rawValue) + [
                "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or",
            ]
        for sign in signs {
            for _ in 0..<(4 * Self.rounds) {
                expectAnEnd("(\(dice.pick(Self.operands))) \(sign) (\(dice.pick(Self.operands)))")
            }
        }
        for operand in Self.operands {
            for form in [
                "-(X)", "+(X)", "not (X)", "(X)[0]", "(X)[-1]", "(X)[::-1]", "(X).a", "[X] * 3", "{X: 1}", "'%d' % (X)",
            ] {
                expectAnEnd(form.replacing("X", with: operand))
            }
        }
        for _ in 0..<(4 * Self.rounds) {
            let parts = (0..<4).map { _ in dice.pick(Self.operands) }
            expectAnEnd("(\(parts[0]))[\(parts[1]):\(parts[2]):\(parts[3])]")
            expectAnEnd("(\(parts[0]))[\(parts[1])]")
        }
    }

    @Test func functionsAndLookupsComeToAnEnd() {
        var dice = Dice(11)
        for name in Functions.names.sorted() where !Functions.isLookup(name) {
            for _ in 0..<Self.rounds {
                expectAnEnd("\(name)(\(arguments(&dice, names: ["fmt", "utc", "hint"], most: 3)))")
            }
        }
        let options = ["start", "end", "count", "stride", "format", "default", "skip_missing"]
        for name in Lookups.pure.keys.sorted() {
            for _ in 0..<Self.rounds {
                let given = arguments(&dice, names: options, most: 3)
                expectAnEnd("query('\(name)'\(given.isEmpty ? "" : ", " + given))")
            }
        }
    }

    /// A template whose text is too long for a test's name.
    struct Endless: CustomTestStringConvertible, Sendable {
        let template: String
        var testDescription: String { String(template.prefix(60)) }
    }

    /// What nests, repeats or refers to itself without end.
    static let endless = [
        "{% set l = [] %}{% set _ = l.append(l) %}{{ l == [l] }}{{ [l] < [l] }}{{ l | flatten }}{{ l | sort }}{{ l }}",
        "{% set a = [] %}{% set b = [] %}{% set _ = a.append(b) %}{% set _ = b.append(a) %}{{ a == b }}",
        "{% set l = [] %}{% set _ = l.append(l) %}{{ l | to_json }}{{ l | to_yaml }}{{ l | unique }}{{ l in [l] }}",
        "{% set d = {} %}{% set _ = d.update({'a': d}) %}{{ d | combine(d, recursive=true) }}{{ d | pprint }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(200000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=()) %}{% for i in range(200000) %}{% set ns.x = (ns.x,) %}{% endfor %}done",
        "{% set ns = namespace(x={}) %}{% for i in range(200000) %}{% set ns.x = {'a': ns.x} %}{% endfor %}done",
        "{% set ns = namespace(x='a') %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(64) %}{% set _ = ns.x.extend(ns.x) %}{% endfor %}{{ ns.x }}",
        "{% macro m(n) %}{{ m(n) }}{% endmacro %}{{ m(1) }}", "{% block a %}{{ self.a() }}{% endblock %}",
        "{% macro a() %}{{ caller() }}{% endmacro %}{% macro b() %}{% call a() %}{{ b() }}{% endcall %}{% endmacro %}{{ b() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{{ '{{ x }}' }}" + String(repeating: "{{ 1 }}", count: 5000),
        "{{ 'a' * 10**18 }}", "{{ [0] * 10**18 }}", "{% for i in range(10**18) %}{{ i }}{% endfor %}",
        "{{ " + String(repeating: "(", count: 100_000), "{{ " + String(repeating: "[", count: 100_000),
        "{{ " + String(repeating: "not ", count: 100_000) + "x }}",
        "{{ " + String(repeating: "-", count: 100_000) + "1 }}",
        "{{ a" + String(repeating: ".b", count: 100_000) + " }}",
        "{{ a" + String(repeating: " | abs", count: 100_000) + " }}",
        "{{ 1" + String(repeating: " if 1", count: 100_000) + " }}",
        "{{ 1" + String(repeating: " ~ 1", count: 20_000) + " }}",
        "{{ 1" + String(repeating: " + 1", count: 100_000) + " }}",
        "{{ 1" + String(repeating: " is 1", count: 100_000) + " }}",
        "{% for " + String(repeating: "(", count: 100_000) + " in x %}",
        String(repeating: "{% if 1 %}", count: 100_000),
        "{{ '" + String(repeating: "\\", count: 99_999), "{# " + String(repeating: "{#", count: 100_000), "{% raw %}{{",
        "{{", "{%", "{{ 0x }}",
        "{{ 1e }}", "{{ 99999999999999999999 }}", "{{ 0b }}", "{{ 1_ }}", "{{ \"\\ud800\" }}", "{{ '\\UFFFFFFFF' }}",
        "\u{0}{{ 1 }}\u{FEFF}",
    ].map(Endless.init)

    @Test(arguments: endless)
    func whatNestsWithoutEndIsToldOrDone(_ endless: Endless) {
        let template = endless.template
        let start = Self.processorTime()
        CrashWitness.watch(String(template.prefix(300))) {
            do {
                _ = try Self.templater.evaluate(.trusted(template), in: Self.scope)
            } catch {
                #expect(error is TemplateError, "\(template.prefix(300)): \(error)")
            }
            do throws(InputError) {
                _ = try Self.templater.check(.trusted(template))
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        #expect(Self.processorTime() - start < 60)
    }

    /// Seconds that this thread has worked: other tests beside this one do not count.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Chains within chains, as deep as each may be: what is read nests no deeper than can be evaluated and let go.
    @Test func chainsWithinChainsAreToldOrDone() {
        var expression = "1"
        for _ in 0..<60 { expression = "(" + expression + ")" + String(repeating: " + 1", count: 450) }
        expectAnEnd(expression)
        var scope = Self.scope
        for level in 0..<90 {
            let chain = String(repeating: " + 1", count: 400)
            scope["v\(level)"] = .trusted("{{ v\(level + 1)\(chain) }}")
        }
        scope["v90"] = .int(1)
        #expect(throws: TemplateError.self) { try Self.templater.expression("v0", in: scope) }
    }

    // MARK: Values

    /// What Python gives.
    @Test(arguments: [
        ("'%d' % 9.25e18", "9250000000000000000"), ("(-1e300) | filesizeformat | length", "308"),
        ("'%d' % 1e22", "10000000000000000000000"),
        ("'\"\\ud83d\\ude00\"' | from_json", "\u{1F600}"),
        ("'%5.1f|%-4d|%05d' % (2.25, 7, -3)", "  2.2|7   |-0003"),
        ("(-9223372036854775807 - 1) % -1", "0"), ("round_me | round(-18)", "9000000000000000000"), ("5 % inf", "5.0"),
        ("-5 % inf", "inf"),
        ("[1, 2, 3][::9223372036854775807]", "[1]"), ("[1, 2, 3][::(-9223372036854775807 - 1)]", "[3]"),
        ("range(-9223372036854775807, 9223372036854775807, 2)[9223372036854775806]", "9223372036854775805"),
        ("[1, 2, 3] | combinations(2) | list", "[(1, 2), (1, 3), (2, 3)]"), ("[1, 2] | combinations(3) | list", "[]"),
        ("[1, 2, 3] | permutations(2) | list | length", "6"), ("'aXb' | replace('X', '-', -5)", "a-b"),
        ("'nan' | int", "0"),
        ("'a' | center(-9223372036854775807)", "a"), ("0.__lshift__(1000)", "0"),

        ("'abcdefgh' | wordwrap(3)", "abc\ndef\ngh"),
        ("0.1 | round(-400)", "0.0"), ("5e-324 | round(20, 'ceil')", "1e-20"),
    ])
    func extremesComeToWhatPythonGives(_ expression: String, _ expected: String) throws {
        var scope = Self.scope
        scope["round_me"] = .int(9_223_372_036_854_775_807)
        let text = try Self.templater.evaluate(.trusted("{{ (\(expression)) | string }}"), in: scope)
        #expect(text?.text == expected)
    }

    /// What Drover does not hold is told, and never something else.
    @Test(arguments: [
        "'10E' | human_to_bytes", "1e300 | int", "'99999999999999999999' | int", "'%Y' | strftime(1e30)", "inf | int",
        "'ab' * 4611686018427387904", "'{:{:{}}}'.format(1, 2, 3)", "9223372036854775807 + 1", "[1] | permutations(-1)",
        "'a'.center(10, 'ab')",
        "'%*d' % (9223372036854775807, 1)", "'a' | center(9223372036854775807)", "9223372036854775807 | round(-19)",
        "range(10 ** 18) | list",
        "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | regex_search('(a+)+$')", "1.__lshift__(64)",
        "'[' * 100000 | from_json",
        "'x' | regex_search('x', '\\-1')", "2.0 ** 5000", "0.0 ** -1",
    ])
    func whatIsTooLargeIsTold(_ expression: String) {
        #expect(throws: TemplateError.self) {
            try Self.templater.expression("(\(expression)) | string", in: Self.scope)
        }
    }
}
