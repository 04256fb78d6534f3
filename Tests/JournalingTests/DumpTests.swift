import Fleet
import Foundation
import TestSupport
import Testing

@testable import Journaling

/// A journal goes out as a file and comes in equal, or not at all.
@Suite struct DumpTests {
    /// Something of each kind, with numbers and tokens that are further than what is left.
    private func fill(_ journal: any PortableJournal) async throws {
        let lease = try await journal.acquireLease(
            stage: "staging", holder: "me@here:1", timeToLive: .seconds(30), now: time(0))
        let build = try digest("b1")
        _ = try await journal.add(
            BuildRecord(digest: build, name: "a\u{1b}\n\"b\"", size: 12, addedAt: time(1), provenance: ["commit": "c"]))
        let run = try await journal.begin(
            NewRun(.rollout, stage: "staging", build: build, holder: "me@here:1"), under: lease, at: time(2))
        for number in 1...3 {
            try await journal.append(
                "intent", payload: #"{"n":\#(number)}"#, to: run.id, under: lease, at: time(2))
        }
        try await journal.finish(run.id, .succeeded, at: time(3))
        _ = try await journal.begin(NewRun(.apply, stage: "staging", holder: "me"), under: nil, at: time(4))
        try await journal.set(StageRecord(stage: "staging", current: build, run: run.id, updatedAt: time(3)))
        try await journal.add(Evidence(build: build, stage: "staging", run: run.id, at: time(3)))
        try await journal.see(token: 41, stage: "production")
        let route = Route(host: try HostName("web1"), name: "10.0.0.1")
        try await journal.remember([
            MemberRecord(stage: "staging", host: try HostName("web1"), address: "10.0.0.1", way: RouteRecord(route))
        ])
        try await journal.leaveOut(
            LeftOutBalancer(stage: "staging", balancer: try HostName("lb1"), reason: "off", by: "me", since: time(5)))
    }

    private func withFilledJournal(
        _ kept: Kept = .inSQLite, _ body: (any PortableJournal, JournalDump, _ text: String) async throws -> Void
    ) async throws {
        try await withJournal(kept) { journal in
            try await fill(journal)
            let dump = try await journal.dump()
            try await body(journal, dump, String(decoding: try JournalDumpFile.bytes(dump), as: UTF8.self))
        }
    }

    private func restoring(_ dump: JournalDump, into journal: any PortableJournal) async -> JournalError.Code? {
        await refusal { () throws(JournalError) in try await journal.restore(dump) }
    }

    private func fault(of text: Data) -> InputError? {
        do {
            _ = try JournalDumpFile.parse(text, file: "journal.jsonl")
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: Kept.allCases) func comesInEqual(_ kept: Kept) async throws {
        try await withFilledJournal(kept) { _, dump, text in
            #expect(dump.runs.count == 2 && dump.entries.count == 3 && dump.members.count == 1)
            let read = try JournalDumpFile.parse(Data(text.utf8), file: "journal.jsonl")
            #expect(read == dump)
            try await withJournal(kept) { other in
                try await other.restore(read)
                #expect(try await other.dump() == dump)
                #expect(try await other.lastToken(stage: "production") == 41)
                let new = NewRun(.apply, stage: "staging", holder: "me")
                let next = try await other.begin(new, under: nil, at: time(9))
                #expect(next.id == RunID(3))
            }
        }
    }

    @Test(arguments: Kept.allCases) func anEmptyJournalGoesOutAndComesIn(_ kept: Kept) async throws {
        try await withJournal(kept) { journal in
            let dump = try await journal.dump()
            let read = try JournalDumpFile.parse(Data(try JournalDumpFile.bytes(dump)), file: "f")
            #expect(read == dump && read == JournalDump())
            try await journal.restore(read)
        }
    }

    @Test(arguments: Kept.allCases) func aJournalThatHoldsSomethingIsLeftAsItIs(_ kept: Kept) async throws {
        try await withFilledJournal(kept) { journal, dump, _ in
            #expect(await restoring(dump, into: journal) == .notEmpty)
            #expect(try await journal.dump() == dump)
            try await withJournal(kept) { other in
                try await other.see(token: 7, stage: "production")
                #expect(await restoring(dump, into: other) == .notEmpty)
            }
        }
    }

    /// What only the journal can see is refused by it, and then nothing is there.
    @Test(arguments: Kept.allCases) func allOrNothing(_ kept: Kept) async throws {
        try await withFilledJournal(kept) { _, dump, _ in
            var broken = dump
            broken.entries.append(dump.entries[0])
            try await withJournal(kept) { other in
                #expect(await restoring(broken, into: other) == .storage)
                let left = try await other.dump()
                #expect(left == JournalDump())
            }
        }
    }

    @Test func everyCutIsNoticed() async throws {
        try await withFilledJournal { _, _, text in
            let bytes = Array(text.utf8)
            // Without its last end of line it is whole.
            for length in 0..<bytes.count - 1 {
                #expect(fault(of: Data(bytes[..<length])) != nil, "\(length)")
            }
        }
    }

    @Test(arguments: [
        (line: 1, of: "drover-journal", by: "other", says: "no exported journal"),
        (line: 1, of: #""version":1"#, by: #""version":2"#, says: "a newer drover wrote"),
        (line: 2, of: #""id":1"#, by: #""id":0"#, says: "out of place"),
        (line: 3, of: #""id":2"#, by: #""id":9"#, says: "out of place"),
        (line: 4, of: #""run":1"#, by: #""run":7"#, says: "no run 7"),
        (line: 5, of: #""sequence":2"#, by: #""sequence":3"#, says: "no line 2"),
        (line: 6, of: #"\"n\":3}"#, by: #"\"n\":3"#, says: "no JSON"),
        (line: 7, of: "digest", by: "digset", says: "damaged"),
        (line: 8, of: #"{"stage""#, by: #"{"stag""#, says: "says nothing"),
        (line: 14, of: #""lines":12"#, by: #""lines":13"#, says: "13 lines should stand before this one, and 12 do"),
    ])
    func aDamagedLineIsNamed(_ line: Int, _ old: String, _ new: String, _ says: String) async throws {
        try await withFilledJournal { _, _, text in
            var lines = text.split(separator: "\n").map(String.init)
            let changed = lines[line - 1].replacingOccurrences(of: old, with: new)
            try #require(changed != lines[line - 1], "\(lines[line - 1])")
            lines[line - 1] = changed
            let error = fault(of: Data(lines.joined(separator: "\n").utf8))
            #expect(error?.location == SourceLocation(file: "journal.jsonl", line: line))
            #expect(error?.message.contains(says) == true, "\(String(describing: error))")
        }
    }
}
