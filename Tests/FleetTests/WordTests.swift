import Fleet
import Testing

@Suite struct HexTests {
    @Test(arguments: [([], ""), ([0, 15, 16, 255], "000f10ff")] as [([UInt8], String)])
    func bytesAreTwoDigitsEach(_ bytes: [UInt8], _ digits: String) {
        #expect(Hex.text(bytes) == digits)
        #expect(Hex.bytes(digits.utf8) == bytes)
        #expect(Hex.bytes(digits.uppercased().utf8) == bytes)
    }

    @Test(arguments: ["0", "0g", "é0", " 0", "0x"])
    func whatIsNoPairOfDigitsIsNone(_ text: String) { #expect(Hex.bytes(text.utf8) == nil) }

    @Test func numbersHaveAtLeastSoManyDigits() {
        #expect(Hex.text(UInt64(255), digits: 4) == "00ff")
        #expect(Hex.text(UInt64.max, digits: 2) == "ffffffffffffffff")
    }

    @Test func onlyLowerCaseIsLower() {
        #expect("0123456789abcdef".utf8.allSatisfy(Hex.isLowerDigit))
        #expect(!"ABCDEFg/:@`".utf8.contains(where: Hex.isLowerDigit))
    }
}

@Suite struct NearestNameTests {
    @Test(arguments: [
        ("cpoy", ["copy", "cron"], ["copy"]),
        ("web4", ["web", "web1", "web2", "web3", "db"], ["web", "web1", "web2"]),
        // The nearest alone, though others are near.
        ("templat", ["template", "templates"], ["template"]), ("x", ["abc"], []), ("", ["a"], ["a"]),
        ("COPY", ["copy"], ["copy"]), ("copy", ["copy"], []), (String(repeating: "a", count: 5000), ["a"], []),
    ])
    func theNearestAreMeant(_ name: String, _ candidates: [String], _ meant: [String]) {
        #expect(NearestNames.of(name, among: candidates) == meant)
    }

    @Test func hintsNameThem() {
        #expect(NearestNames.hints(for: "fro", among: ["for", "from", "if"]) == ["did you mean 'for' or 'from'?"])
        #expect(NearestNames.hints(for: "zzz", among: ["for"]).isEmpty)
    }

    @Test(arguments: [
        ("web10", "web1", false), ("prodd", "prod", true), ("wbe", "web", false), ("web1", "web2", false),
    ])
    func digitsAndShortNamesAreNoSlips(_ name: String, _ other: String, _ isSlip: Bool) {
        #expect(NearestNames.isSlip(name, among: [other]) == isSlip)
    }
}

@Suite struct BatchSizeTests {
    @Test(arguments: [("3", 10, 3), ("25%", 10, 2), ("1%", 10, 1), ("100%", 7, 7), ("29%", 100, 29)])
    func countsHosts(_ text: String, _ total: Int, _ count: Int) throws {
        let size = try #require(BatchSize(text))
        #expect(size.count(of: total) == count)
        #expect(size.description == text)
    }

    @Test(arguments: ["", "0", "-1", "x", "101%", "%", "5.5", "0%"])
    func whatIsNoSizeIsNone(_ text: String) { #expect(BatchSize(text) == nil) }
}
