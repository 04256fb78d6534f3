import Fleet
import TestSupport
import Testing

@testable import Rollouts

/// What a shared store prints of itself, damaged and foreign lines included.
@Suite struct SharedIndexTests {
    private static func digest(_ letter: String) throws -> BuildDigest {
        try BuildDigest(String(repeating: letter, count: 64))
    }

    private static func record(_ letter: String, size: Int64 = 10, addedAt: Int64 = 5) throws -> BuildRecord {
        BuildRecord(
            digest: try digest(letter), name: letter + ".tar.gz", size: size, addedAt: Timestamp(milliseconds: addedAt),
            provenance: ["commit": letter])
    }

    private static func line(_ record: BuildRecord, under letter: String? = nil) throws -> Substring {
        let name = try letter.map { try digest($0) } ?? record.digest
        return Substring("./\(name).json:\(NoteJSON.text(SharedRecord(record)))")
    }

    @Test func buildsComeWithWhatIsKnownOfThemNewestFirst() throws {
        let index = SharedIndex(parsing: [
            "build=\(try Self.digest("a")) 10 1000", "build=\(try Self.digest("b")) 10 1000",
            "build=\(try Self.digest("c")) 7 1", try Self.line(try Self.record("a", addedAt: 5)),
            try Self.line(try Self.record("b", addedAt: 9)), try Self.line(try Self.record("c", addedAt: 7)),
        ])
        #expect(index.builds.map(\.record.name) == ["b.tar.gz", "c.tar.gz", "a.tar.gz"])
        #expect(index.builds.map(\.isDamaged) == [false, true, false])
        #expect(try index.builds(prefix: "bbbb").map(\.digest) == [Self.digest("b")])
        #expect(index.builds.last?.record.provenance == ["commit": "a"])
    }

    @Test func whatCannotBeReadIsNamedByItsDigest() throws {
        let newer = NoteJSON.text(SharedRecord(try Self.record("b"))).replacing(#""version":1"#, with: #""version":2"#)
        let index = SharedIndex(parsing: [
            "build=\(try Self.digest("a")) 10 3", "build=\(try Self.digest("b")) 10 2",
            "build=\(try Self.digest("c")) 10 1", "build=notes.txt 10 1", "build=\(try Self.digest("d"))",
            "build=\(try Self.digest("e")) -1 99999999999999999999", "./\(try Self.digest("a")).json:{\"version\":",
            Substring("./\(try Self.digest("b")).json:\(newer)"), try Self.line(try Self.record("d"), under: "c"),
            "something else", "./x", "stages/", "",
        ])
        #expect(index.builds.map(\.record.name) == ["a", "b", "c"].map { String(repeating: $0, count: 12) })
        #expect(index.builds.allSatisfy { $0.known == nil && !$0.isDamaged })
    }

    /// Numbers are another machine's: what is reckoned with them must not come to its end.
    @Test func whatNoBuildHasForASizeIsNone() throws {
        let endless = BuildRecord(
            digest: try Self.digest("a"), name: "a", size: .max, addedAt: Timestamp(milliseconds: 1), provenance: [:])
        let index = SharedIndex(parsing: [
            "build=\(try Self.digest("a")) 10 1", "build=\(try Self.digest("b")) \(Int64.max) 1",
            "build=\(try Self.digest("c")) -1 1", "build=\(try Self.digest("d")) 10 \(Int64.max)",
            try Self.line(endless),
        ])
        #expect(try index.builds.map(\.digest) == [Self.digest("a")])
        #expect(index.builds.first?.known == nil)
    }

    @Test func whatStagesNeedIsTakenFromFilesThatSaySo() throws {
        let use = StageUse(
            "production", current: try Self.digest("a"), previous: try Self.digest("b"), by: "me",
            at: Timestamp(milliseconds: 1))
        let text = NoteJSON.text(use)
        let index = SharedIndex(parsing: [
            Substring("stages/production.json:\(text)"), Substring("stages/staging.json:\(text)"),
            Substring("stages/qa.json:" + text.replacing("production", with: "qa").replacing(":1}", with: ":2}")),
            "stages/dev.json:{",
        ])
        #expect(index.uses.keys.sorted() == ["production"], "a foreign, a newer and a damaged one say nothing")
        let uses = BuildUses(stages: [], runs: [], noted: Array(index.uses.values))
        #expect(try uses.reasons[Self.digest("a")] == ["production runs it"])
        #expect(try uses.reasons[Self.digest("b")] == ["production would go back to it"])
    }
}
