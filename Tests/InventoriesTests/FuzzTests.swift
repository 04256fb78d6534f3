import Fleet
import Foundation
import TestSupport
import Testing

@testable import Inventories
@testable import Values

private let seeds = [
    "all:\n  vars: {a: 1, b: [x, 'y', \"z\"]}\n  children:\n    web:\n      hosts:\n        w[01:03]: &h {k: 0644}\n        w9: *h\n",
    "base: &b {x: 1}\nuse:\n  <<: [*b, {y: !unsafe '{{ z }}'}]\n  text: |\n    one\n    two\n  12:30:45: !!str 5\n",
    "h1:22 a=1 b=\"x y\"\n[web:children]\ndb # c\n[db]\nd[a:c] v=['a', {'k': (1, 2)}]\n[db:vars]\nq=0x1f\nr='\\x41'\n",
    "[v6]\n[2001:db8::10]:2200 p={'a': 1.5e3}\n2001:db8::[1:3]\n",
    "{\"web\": {\"hosts\": [\"a\\ud83d\\ude00\"], \"vars\": {\"n\": -1.5e3}}, \"_meta\": {\"hostvars\": {}}}",
]

private func mutated(_ seed: String, _ dice: inout Dice) -> String {
    var bytes = Array(seed.utf8)
    for _ in 0..<Int.random(in: 1...6, using: &dice) {
        let index = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &dice)
        let odd = Array("[]{}:,'\"\\#&*!|>-=?\n\t %@`0xé~<$".utf8)
        switch Int.random(in: 0..<4, using: &dice) {
        case 0 where !bytes.isEmpty: bytes.remove(at: index)
        case 1 where !bytes.isEmpty: bytes[index] = odd.randomElement(using: &dice) ?? 0
        case 2: bytes.insert(odd.randomElement(using: &dice) ?? 0, at: index)
        default: bytes.insert(contentsOf: bytes.dropFirst(index).prefix(12), at: index)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// Whatever is read, the answer is a value or an `InputError`: typed throws leave nothing else but a crash or a hang.
private func readAll(_ text: String) {
    let place = SourceLocation(file: "fuzz")
    for policy in [YAMLReader.RepeatedKeys.refused, .laterWins] {
        _ = try? YAMLReader.parse(text, file: "fuzz", repeatedKeys: policy)?.value.json()
    }
    var assembly = InventoryAssembly()
    _ = try? YAMLInventory(file: "fuzz").read(text, into: &assembly)
    _ = try? INIInventory(file: "fuzz").read(text, into: &assembly)
    _ = try? HostList(text: text).read(into: &assembly)
    assembly.reconcile()
    _ = try? Value(json: text, trustedAt: place)
    _ = PythonLiteral.value(of: text, at: place)
    guard
        let inventory = try? Inventory(assembly, files: VariableFiles(sources: [], playbookFolders: [], vault: .locked))
    else {
        return
    }
    for line in text.split(separator: "\n").prefix(4) where !line.contains("@") {
        _ = try? inventory.selectHosts(matching: String(line))
    }
    _ = inventory.listing()
}

@Test func nothingReadCrashesOrHangs() {
    // Longer on demand: DROVER_FUZZ_ROUNDS=200000 swift test --filter nothingReadCrashesOrHangs
    let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 300
    var dice = Dice(UInt64(rounds))
    for _ in 0..<rounds {
        for seed in seeds {
            let text = mutated(seed, &dice)
            let begin = ContinuousClock.now
            readAll(text)
            let took = ContinuousClock.now - begin
            #expect(took < slowest, "\(text.debugDescription)")
        }
    }
}

/// What a page of text may take, in a debug build on a busy machine: ranges may make a million hosts of it.
private let slowest = Duration.seconds(30)

@Test(arguments: ["[", "{a: ", "- ", "(", "{'a': ", "[[", "? "])
func deepNestingEndsInAnAnswer(_ piece: String) {
    readAll(String(repeating: piece, count: 3000))
    readAll("x=" + String(repeating: piece, count: 3000))
}

@Test func aliasesCannotFillTheMemory() throws {
    let lines = (1...12).map {
        "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 10).joined(separator: ", "))]"
    }
    let text = "a0: &a0 [x]\n" + lines.joined(separator: "\n") + "\n"
    let error = try #require(throws: InputError.self) { try YAMLReader.parse(text, file: "x.yml") }
    #expect(error.message == "the file's aliases unfold to too many values")
}

/// Pages that a careless reader needs years or all the memory for.
private let hostile: [String: String] = [
    "a huge range": "h[1:999999999]\n",
    "many small ranges": "h" + String(repeating: "[1:2]", count: 60) + "\n",
    "ranges without end": "h" + String(repeating: "[1:1]", count: 20_000) + "\n",
    "a key of aliases": "a0: &a0 [x, y]\n"
        + (1..<40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined() + "z:\n  ? *a39\n  : 1\n",
    "merges of merges": "a0: &a0 {x: 1}\n"
        + (1..<60).map { "a\($0): &a\($0) {<<: [*a\($0 - 1), *a\($0 - 1)], k\($0): 1}\n" }.joined(),
    "groups that wait": "[p:children]\n" + (0..<9_000).map { "g\($0)\n" }.joined()
        + (0..<9_000).map { "[g\($0)]\n" }.joined(),
    "a chain of groups": (0..<2_000).map { "[g\($0):children]\ng\($0 + 1)\n" }.joined() + "[g2000]\nh\n",
    "the same keys": "all:\n  hosts:\n" + (0..<9_000).map { "    h\($0 % 4_500): {a: 1}\n" }.joined(),
    "the same hosts": "[g]\n" + (0..<9_000).map { "h\($0 % 4_500)\n" }.joined(),
    "nested flow": String(repeating: "{a: [", count: 200_000),
]

@Test(arguments: hostile.keys.sorted())
func hostilePagesEndSoon(_ name: String) throws {
    let text = try #require(hostile[name])
    let begin = ContinuousClock.now
    var assembly = InventoryAssembly()
    _ = try? INIInventory(file: "fuzz").read(text, into: &assembly)
    _ = try? YAMLInventory(file: "fuzz").read(text, into: &assembly)
    assembly.reconcile()
    #expect(ContinuousClock.now - begin < .seconds(60))
}

@Test func survivesMutatedVaults() throws {
    let file = RecordedCases.folder + "/vault/whole.yml"
    let seed = try String(contentsOfFile: file, encoding: .utf8)
    var dice = Dice(7)
    let rounds = ProcessInfo.processInfo.environment["DROVER_FUZZ_ROUNDS"].flatMap(Int.init) ?? 3000
    for _ in 0..<rounds {
        // Whether it can be read decides nothing here: without a password the answer is always an error.
        #expect(throws: InputError.self) { try Vault.locked.open(mutated(seed, &dice), at: SourceLocation(file: file)) }
    }
}
