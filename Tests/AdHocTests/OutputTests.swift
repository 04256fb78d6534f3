import Fleet
import Testing

@testable import AdHoc

@Suite struct OutputTests {
    @Test func aTailKeepsTheLastBytesAndCountsTheOthers() {
        var tail = OutputTail(ByteCount(10))
        for number in 0..<100 { tail.append(Array("\(number % 10)".utf8)) }
        tail.finish()
        #expect(tail.text == "0123456789")
        #expect(tail.omitted == 90)
    }

    @Test func whatFitsIsKeptWhole() {
        var tail = OutputTail(ByteCount(3))
        tail.append([1, 2, 3])
        tail.finish()
        #expect(tail.bytes == [1, 2, 3] && tail.omitted == 0)
    }

    @Test(arguments: [["a\nb\n"], ["a", "\n", "b\n"], ["a\nb", "\n"]])
    func linesAreCutHoweverTheyCome(_ pieces: [String]) {
        var cutter = LineCutter()
        let lines = pieces.flatMap { cutter.feed(Array($0.utf8)) }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["a", "b"])
        #expect(cutter.finish() == nil)
    }

    @Test func aLineWithoutEndIsCutAtLast() {
        var cutter = LineCutter()
        #expect(cutter.feed(Array(repeating: 120, count: 150_000)).map(\.count) == [65536, 65536])
        #expect(cutter.finish()?.count == 150_000 - 2 * 65536)
    }

    @Test(
        arguments: [
            ("#!/bin/bash\n", ["/bin/bash"]), ("#! /usr/bin/env python3 -u\nx", ["/usr/bin/env", "python3 -u"]),
            ("echo hi\n", ["/bin/sh"]), ("", ["/bin/sh"]), ("#!\n", ["/bin/sh"]), ("#!/bin/sh\r\n", ["/bin/sh"]),
        ])
    func theFirstLineNamesTheInterpreter(_ text: String, _ words: [String]) {
        #expect(ScriptFile(name: "x", bytes: Array(text.utf8)).interpreter == words)
    }
}
