import Fleet
import Foundation
import Journaling
import TestSupport
import Testing

/// Journals that a full disk, a careless copy or a failing disk left behind: told, and never written to.
@Suite struct DamageTests {
    struct Damage: Sendable, CustomTestStringConvertible {
        let testDescription: String, says: String
        /// Makes other bytes of a journal's.
        let done: @Sendable (Data) -> Data
    }

    static let damages = [
        Damage(testDescription: "zero bytes", says: "the journal is empty (0 bytes)") { _ in Data() },
        Damage(testDescription: "wrong header", says: "it does not begin as SQLite's files do") { good in
            Data(repeating: 0x41, count: 16) + good.dropFirst(16)
        },
        Damage(testDescription: "a few bytes", says: "it does not begin as SQLite's files do") { $0.prefix(7) },
        Damage(testDescription: "only the header", says: "the journal is damaged") { $0.prefix(100) },
        Damage(testDescription: "half a file", says: "the journal is damaged") { $0.prefix($0.count / 2) },
        Damage(testDescription: "all but the last page", says: "the journal is damaged") { $0.dropLast(4096) },
        Damage(testDescription: "zeroes in the middle", says: "the journal is damaged") { good in
            good.prefix(8192) + Data(count: 8192) + good.dropFirst(16384)
        },
        Damage(testDescription: "another page's bytes", says: "the journal is damaged") { good in
            good.dropLast(4096) + Data(repeating: 0xA5, count: 4096)
        },
    ]

    /// The path of a journal that is not there, and the bytes of one with some runs in it, whole in one file.
    private func withWholeJournal(_ body: (String, Data) async throws -> Void) async throws {
        try await withJournalPath { path in
            let journal = try SQLiteJournal(path: path)
            for number in 0..<200 {
                let run = try await journal.begin(
                    NewRun(.rollout, stage: "staging", holder: "me"), under: nil, at: time(Int64(number)))
                try await journal.append(
                    "step", payload: #"{"text":"\#(String(repeating: "x", count: 200))"}"#, to: run.id, under: nil,
                    at: time(1))
            }
            try FileManager.default.removeItem(atPath: path + ".backup")
            _ = try SQLiteJournal(path: path)
            let good = try Data(contentsOf: URL(fileURLWithPath: path + ".backup"))
            #expect(good.count > 65536)
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("other")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try await body(folder.appendingPathComponent("journal.sqlite").path, good)
        }
    }

    @Test(arguments: damages)
    func isRefusedAndLeftAsItIs(_ damage: Damage) async throws {
        try await withWholeJournal { path, good in
            let bad = Data(damage.done(good))
            try bad.write(to: URL(fileURLWithPath: path))
            for _ in 0..<2 {
                let error = #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
                #expect(error?.code == .damaged)
                #expect(error?.message.contains(damage.says) == true, "\(error?.message ?? "")")
                #expect(error?.subject == path)
                #expect(error?.hints.contains { $0.contains("backup") } == true)
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bad, "the file is as it was")
            }
        }
    }

    @Test func aWholeJournalIsBackedUpAndTheHintNamesTheWay() async throws {
        try await withWholeJournal { path, good in
            try good.write(to: URL(fileURLWithPath: path + ".backup"))
            try good.prefix(5000).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
            let hint = try #require(error?.hints.first { $0.contains("to take the backup of 20") })
            // As an operator would: the words after the colon.
            let command = try #require(hint.range(of: "Z: ")).upperBound
            try await DroverProgram.run(["sh", "-c", String(hint[command...])]).succeeded()
            #expect(try await SQLiteJournal(path: path).runs(stage: "staging", limit: 500).count == 200)
        }
    }

    @Test func aLogWithoutItsJournalIsNotPlayedIntoANewOne() async throws {
        try await withWholeJournal { path, good in
            try good.write(to: URL(fileURLWithPath: path + "-wal"))
            let error = #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
            #expect(error?.code == .damaged)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() async throws {
        try await withJournalPath { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            // The smallest database there is, made by SQLite 3.40: one page, no table.
            var page = Data("SQLite format 3\0".utf8)
            page += Data([0x10, 0, 1, 1, 0, 64, 32, 32, 0, 0, 0, 1, 0, 0, 0, 1])
            page += Data(count: 12) + Data([0, 0, 0, 4]) + Data(count: 8) + Data([0, 0, 0, 1]) + Data(count: 32)
            page += Data([0, 0, 0, 1, 0, 0x2E, 0x63, 0]) + Data([0x0D, 0, 0, 0, 0, 0x10, 0, 0])
            page += Data(count: 4096 - page.count)
            try page.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: JournalError.self) { try SQLiteJournal(path: path) }
            #expect(error?.code == .damaged)
            #expect(error?.message.contains("no tables") == true, "\(error?.message ?? "")")
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == page)
        }
    }

    @Test func whatAKilledProcessLeftInTheLogIsRead() async throws {
        try await withJournalPath { path in
            let journal = try SQLiteJournal(path: path)
            let run = try await journal.begin(
                NewRun(.apply, stage: "staging", holder: "me"), under: nil, at: time(0))
            // As a killed process leaves it: the newest in the log alone.
            let copy = path + ".copy"
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
            }
            #expect(try await SQLiteJournal(path: copy).run(run.id) == run)
        }
    }

    @Test func whatAnInterruptedBeginningLeftIsNoJournal() async throws {
        try await withJournalPath { path in
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: path + ".new"))
            #expect(try await SQLiteJournal(path: path).runs(stage: nil, limit: 1).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: path + ".new"))
        }
    }
}

@Test(arguments: [Int64.min, Int64.min + 1, -1, 0, Int64.max])
func timesOfADamagedJournalTrapNothing(_ milliseconds: Int64) {
    let moment = Timestamp(milliseconds: milliseconds)
    #expect(moment.description.hasSuffix("Z"))
    #expect((moment + .seconds(Int64.max)).milliseconds >= 0 || milliseconds < 0)
    #expect((moment - Timestamp(milliseconds: .max)) <= .zero)
    #expect((Timestamp(milliseconds: .max) - moment) >= .zero)
    #expect(Duration.seconds(Int64.max).wholeMilliseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeMilliseconds == .min)
}
