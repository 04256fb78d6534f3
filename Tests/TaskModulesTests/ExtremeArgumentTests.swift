import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

/// Every module in the catalogue, given extreme arguments and answers: each comes to a step or to an error.
///
/// Longer on demand: `DROVER_FUZZ_ROUNDS=20000 swift test --filter ExtremeArgumentTests`.
struct ExtremeArgumentTests {
    private static let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 300

    private static let values: [Value] =
        [
            .null, .bool(true), .bool(false), .int(0), .int(1), .int(-1), .int(.max), .int(.min), .int(0o644),
            .int(99999),
            .double(.nan), .double(.infinity), .double(-1e300), .double(1e18), .double(0.5), .list([]),
            .map(OrderedDictionary()),
            .list([.int(.max), .string("a"), .null]), .map(["a": .string("b"), "mode": .int(.min)]),
        ]
        + [
            "", " ", "a", "/", "//", "/tmp/x", "/etc/passwd", "~", "-", "0", "-1", "9223372036854775807",
            "9223372036854775808",
            "-9223372036854775808", "99999999999999999999w", "9223372036854775807d", "1e308", "inf", "nan",
            "0777777777777777777777",
            "u+x,g=", "u=rwxXst,,", "=", "*/0", "60", "@reboot", "1-", "present", "absent", "latest", "directory",
            "touch", "link",
            "started", "(a+)+$", "([", "\\9", "\\g<99999999999999999999>", "a=b", "a=b=c", "'", "\"", "a\nb", "a\0b",
            "é", "1:2:3:4",
            "http://127.0.0.1/x", "http://h:99999999999999999999/", "http://[::1", "x://", "sha256:zz", "sha1:",
            "deb http://x y z",
            "2:1.0~~~-9999999999999999999",
            "pkg=99999999999999999999", "yes", "now", "{{", "%s%n", "$ANSIBLE_VAULT;",
        ].map { (text: String) -> Value in .string(text) }

    private static let texts = [
        "", "\n", "0", "-1\n", "9223372036854775807\n", "x\ny\nz\n", "/\n-5\nHTTP/1.1 200 OK\n\nbody",
        "u\n99999999999999999999\nx",
        "u\n3\nHTTP/1.1 -1\n", "a:b:c:d:e:f:g:h\n", ":::::::::", "\0\0\0", "Zm9v\n", "====",
        "f 644 1 0 0 1 2 3 4 5 6 r r /x\0\0", "d 99999999 - -\0",
        "a b c d e f g h i j k l m n o p", "[1,2", "{\"a\": 1e999}", "\u{FFFD}\u{1}", "=\n= =\n", "# comment\n",
        "LoadState=\n\nLoadState",
    ]

    private static func answer(to probe: Probe, _ dice: inout Dice) -> Answer {
        if dice.next() % 4 == 0 { return .absent }
        let number = dice.pick([0, 1, -1, Int.max, Int.min, 1000, 1 << 40])
        let text = dice.pick(texts)
        switch probe {
        case .path, .target:
            var state = PathState(
                dice.pick([.file, .directory, .link, .fifo]), mode: UInt16(truncatingIfNeeded: dice.next()),
                uid: number, gid: number,
                owner: text, group: text, size: number)
            (state.linkTarget, state.inode, state.blocks) = (text, number, number)
            let time = dice.pick([0, -1, 1e300, .infinity, .nan, 1.7e9])
            (state.accessed, state.modified) = (time, time)
            return .path(state)
        case .sha1, .sha256: return .digest(text)
        case .content: return .content(Array(text.utf8) + [0xFF])
        case .package: return .package(PackageState(version: text, isInstalled: number > 0))
        case .candidate: return .candidate(text)
        case .providers: return .names([text])
        case .group(let name): return .group(GroupState(name: name, gid: number))
        case .shadow:
            return .shadow(
                ShadowState(
                    hash: text, minimumDays: number, maximumDays: number, warningDays: number, expiryDay: number))
        case .unit: return .unit(UnitState(["LoadState": text, "ActiveState": text, "UnitFileState": text]))
        case .clock: return .clock(number)
        case .query: return .output(status: number, text: text)
        case .access: return .access(read: number > 0, write: number < 0, execute: true)
        case .tree(let path):
            return .tree([
                TreeEntry(
                    path, PathState(.file, mode: 0o644, uid: number, gid: number, owner: "", group: "", size: number))
            ])
        case .user, .facts, .session: return .absent
        }
    }

    private static let context = ModuleContext(
        isCheck: false, wantsDiff: true, privilege: .login, find: { $1 }, read: { _ in Array("text\n".utf8) },
        render: { $0 }, evaluate: { .string($0) }, holds: { _ in true })

    private func arguments(_ specification: ModuleSpecification, _ dice: inout Dice) -> Variables {
        // `set_fact` takes whatever it is given.
        var arguments: Variables = specification.takesAnyParameter ? ["any": dice.pick(Self.values)] : [:]
        if specification.parameters.contains(where: { $0.name == "url" }), dice.next() % 2 == 0 {
            arguments["url"] = .string("http://127.0.0.1/x")
        }
        for parameter in specification.parameters where parameter.isRequired || dice.next() % 6 == 0 {
            guard arguments[parameter.name] == nil else { continue }
            let isChoice = !parameter.choices.isEmpty && dice.next() % 4 != 0
            arguments[parameter.name] = isChoice ? .string(dice.pick(parameter.choices)) : dice.pick(Self.values)
        }
        return arguments
    }

    /// - Returns: Whether the module took the arguments.
    private func drive(_ type: any TaskModule.Type, _ arguments: Variables, _ dice: inout Dice) throws -> Bool {
        let place = SourceLocation(file: "fuzz.yml", line: 1)
        let free: String? = type.specification.name == "command" || dice.next() % 8 == 0 ? "echo 'a b' | x" : nil
        let module: any TaskModule
        do {
            module = try type.init(type.specification.arguments(arguments, freeForm: free, at: place), Self.context)
        } catch {
            return false
        }
        var snapshot = Snapshot()
        for _ in 0..<5 {
            let missing = snapshot.missing(module.probes(given: snapshot))
            if missing.isEmpty { break }
            for probe in missing { snapshot[probe] = Self.answer(to: probe, &dice) }
        }
        // Whatever it throws is told by its words.
        guard case .change(let change)? = try? module.step(snapshot) else { return true }
        for _ in 0..<3 {
            _ = change.interpret?(
                CommandResult(
                    status: dice.pick([0, 1, -1, 255, .max, .min]), output: Array(dice.pick(Self.texts).utf8),
                    errors: Array(dice.pick(Self.texts).utf8), elapsed: .seconds(dice.pick([0, 1, 1e9]))))
        }
        return true
    }

    @Test func modulesComeToAnEnd() throws {
        var untaken: [String] = []
        for type in ModuleCatalog.modules {
            let name = type.specification.name
            var dice = Dice(UInt64(name.utf8.reduce(3) { $0 &* 31 &+ Int($1) }.magnitude))
            var taken = 0
            for _ in 0..<Self.rounds {
                let arguments = arguments(type.specification, &dice)
                let start = ContinuousClock.now
                let isTaken = try CrashWitness.watch(
                    "\(name): \(Value.map(.init(uniqueKeysWithValues: arguments.map { (.string($0.key), $0.value) })).json(JSONLayout(sortsKeys: true, ensuresASCII: false)))"
                ) {
                    try drive(type, arguments, &dice)
                }
                if isTaken { taken += 1 }
                #expect(ContinuousClock.now - start < .seconds(20), "\(name) \(arguments)")
            }
            if taken == 0 { untaken.append(name) }
        }
        // Only those whose arguments chance hardly hits are never reached.
        #expect(untaken.count <= 3, "\(untaken)")
    }
}
