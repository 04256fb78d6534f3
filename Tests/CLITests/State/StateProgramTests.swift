import Fleet
import Foundation
import Journaling
import TestSupport
import Testing

/// `drover state`, run as an operator would.
@Suite struct StateProgramTests {
    private func drover(_ folder: URL, state: String) -> DroverProgram {
        DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/" + state])
    }

    @Test func aJournalMovesToAnotherFolder() async throws {
        try await withTemporaryFolder { folder in
            let journal = try SQLiteJournal(path: folder.path + "/old/journal.sqlite")
            let run = try await journal.begin(
                NewRun(.apply, stage: "staging", holder: "me"), under: nil, at: Timestamp(milliseconds: 1))
            let exported = try await drover(folder, state: "old")("state", "export", "out.jsonl").succeeded()
            #expect(exported.output.hasPrefix("exported 1 run with 0 lines"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["old", "out.jsonl"])
            try await drover(folder, state: "new")("state", "import", "out.jsonl").succeeded()
            let moved = try SQLiteJournal(path: folder.path + "/new/journal.sqlite")
            #expect(try await moved.runs(stage: nil, limit: 9) == [run])
            let again = try await drover(folder, state: "new")("state", "import", "out.jsonl")
            #expect(again.status == 1 && again.errors.contains("the journal holds something already"))
        }
    }

    @Test func aDamagedFileMakesNoJournal() async throws {
        try await withTemporaryFolder { folder in
            try "{\"kind\":\"drover-journal\",\"lastRun\":0,\"version\":1}\n{\"run\":1}\n".write(
                to: folder.appendingPathComponent("bad.jsonl"), atomically: true, encoding: .utf8)
            let refused = try await drover(folder, state: "new")("state", "import", "bad.jsonl")
            #expect(refused.status == 64 && refused.errors.hasPrefix("error: bad.jsonl:2: the line is damaged"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/new"))
            _ = try SQLiteJournal(path: folder.path + "/old/journal.sqlite")
            let unwritable = try await drover(folder, state: "old")("state", "export", "gone/out.jsonl")
            #expect(unwritable.status == 64 && unwritable.errors.contains("cannot be written: No such file"))
        }
    }
}
