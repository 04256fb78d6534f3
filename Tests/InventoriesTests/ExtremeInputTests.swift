import Fleet
import TestSupport
import Testing

@testable import Inventories
@testable import Values

/// Numbers at their limits, wherever an inventory may have one: a value, or text that keeps its digits.
private let numbers = [
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
    "153722867280912930:07",
    "153722867280912930:08", "153722867280912930:59", "-153722867280912930:59", "99999999999999999999:59:59.9", "1:60",
    "0x7fffffffffffffff", "0xffffffffffffffffff", "0b1111111111111111111111111111111111111111111111111111111111111111",
    "0777777777777777777777", "01777777777777777777777", "0o17", "1e999", "-1.0e+999", "1.e+", ".", "-.", "+.inf",
    ".nan", "0x", "0b_", "1_",
    "__1", "+", "-", "--1", "0x-1", "1e+99999999999999999999", String(repeating: "9", count: 5000),
]

@Test(arguments: numbers)
func numbersAtTheirLimitsAreRead(_ number: String) {
    let place = SourceLocation(file: "fuzz")
    let pages = [
        number, "a: \(number)\n", "[\(number)]", "{\"a\": \(number)}", "h a=\(number)\n", "h[\(number):\(number)]\n",
        "h[1:3:\(number)]\n",
        "h[0:\(number)]\n", "h:\(number)\n", "[a[\(number)]]\n", "\(number): \(number)\n", "!!int \(number)\n",
        "!!float \(number)\n",
    ]
    for page in pages {
        CrashWitness.watch(page) {
            _ = YAMLScalar.resolve(page)
            _ = PythonLiteral.value(of: page, at: place)
            _ = try? Value(json: page, trustedAt: place)
            _ = try? HostRange.expand(page)
            _ = try? YAMLReader.parse(page, file: "fuzz")
            _ = HostPattern.subscripted(page)
            var assembly = InventoryAssembly()
            _ = try? INIInventory(file: "fuzz").read(page, into: &assembly)
            _ = try? YAMLInventory(file: "fuzz").read(page, into: &assembly)
        }
    }
}

@Test(arguments: [
    ("153722867280912930:07", Value.int(.max)), ("153722867280912930:59", .string("153722867280912930:59")),
    ("9223372036854775808", .string("9223372036854775808")), ("1:30", .int(90)),
])
func whatIsTooLargeStaysText(_ text: String, _ expected: Value) {
    #expect(YAMLScalar.resolve(text) == expected)
}

@Test func rangesAtTheLimitsOfNumbersAreUnfolded() throws {
    #expect(try HostRange.expand("h[9223372036854775806:9223372036854775807]").count == 2)
    #expect(try HostRange.expand("h[1:9:9223372036854775807]") == ["h1"])
    #expect(try HostRange.expand("h[a:z:9223372036854775807]") == ["ha"])
    let error = try #require(throws: InputError.self) { try HostRange.expand("web[1:9999999999]") }
    #expect(error.message.contains("more than 100000 names"))
    #expect(throws: InputError.self) { try HostRange.expand("h" + String(repeating: "[1:1]", count: 50_000)) }
}

/// Nested far beyond what anybody writes, and what a stack holds.
@Test(arguments: ["[", "{a: ", "- ", "{\"a\": ", "[[", "? ", "(", "!!str ", "a:\n  b", "&a [", "|", "'"])
func nestingWithoutEndIsRefused(_ piece: String) {
    let text = String(repeating: piece, count: 100_000)
    let place = SourceLocation(file: "fuzz")
    CrashWitness.watch("\(piece) 100,000 times") {
        _ = try? YAMLReader.parse(text, file: "fuzz")
        _ = try? Value(json: text, trustedAt: place)
        _ = PythonLiteral.value(of: text, at: place)
        var assembly = InventoryAssembly()
        _ = try? INIInventory(file: "fuzz").read("h a=" + text, into: &assembly)
    }
}

/// What ansible-vault wrote, damaged: an error, whichever byte it is.
@Test func damagedVaultsAreRefused() throws {
    var dice = Dice(21)
    let digits = Array("0123456789abcdefG \n;".utf8)
    for round in 0..<400 {
        var bytes = Array("$ANSIBLE_VAULT;1.2;AES256;prod\n".utf8)
        for place in 0..<(round * 3) { bytes.append(place % 81 == 80 ? UInt8(ascii: "\n") : dice.pick(digits)) }
        if round % 3 == 0, round > 0 {
            bytes[Int(dice.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: dice.next())
        }
        let text = String(decoding: bytes, as: UTF8.self)
        CrashWitness.watch(text) {
            _ = #expect(throws: InputError.self) { try VaultEnvelope(text, at: SourceLocation(file: "fuzz")) }
        }
    }
}
