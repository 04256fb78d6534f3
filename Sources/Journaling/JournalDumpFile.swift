public import Fleet
import Foundation

/// A journal as a file: a line of JSON for each thing in it, between one that says what the file is and one that ends it.
///
/// It says nothing of what the journal was kept in, so any journal takes it over.
public enum JournalDumpFile {
    /// What the first line says the file is.
    static let kind = "drover-journal"
    /// The version that this program writes, and the newest it reads.
    static let version = 1

    /// The first line.
    struct Head: Codable {
        var kind: String
        var version: Int
        var lastRun: RunID?
    }

    /// Any other line: one of these is there.
    struct Line: Codable {
        var run: RunRecord?
        var entry: JournalEntry?
        var build: BuildRecord?
        var stage: StageRecord?
        var evidence: Evidence?
        var member: MemberRecord?
        var leftOut: LeftOutBalancer?
        var token: Token?
        var end: End?
    }

    /// The last token of a stage.
    struct Token: Codable {
        var stage: String
        var token: Int64
    }

    /// The last line: without it the file was cut off.
    struct End: Codable {
        /// How many lines stand between the first and this one.
        var lines: Int
    }

    /// `dump` as the file holds it.
    public static func bytes(_ dump: JournalDump) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = lines(of: dump)
        lines.append(Line(end: End(lines: lines.count)))
        var text = try encoder.encode(Head(kind: kind, version: version, lastRun: dump.lastRun))
        for line in lines {
            text.append(UInt8(ascii: "\n"))
            text += try encoder.encode(line)
        }
        return Array(text) + [UInt8(ascii: "\n")]
    }

    private static func lines(of dump: JournalDump) -> [Line] {
        dump.runs.map { Line(run: $0) } + dump.entries.map { Line(entry: $0) } + dump.builds.map { Line(build: $0) }
            + dump.stages.map { Line(stage: $0) } + dump.evidence.map { Line(evidence: $0) }
            + dump.members.map { Line(member: $0) } + dump.leftOut.map { Line(leftOut: $0) }
            + dump.tokens.sorted { $0.key < $1.key }.map { Line(token: Token(stage: $0.key, token: $0.value)) }
    }

    /// What the file at `path` holds.
    /// - Throws: ``InputError`` with the line: the file is another's, was written by a newer version, is damaged or cut off.
    public static func read(_ path: String) throws(InputError) -> JournalDump {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw InputError(.unreadable, "the file cannot be read", at: SourceLocation(file: path))
        }
        return try parse(data, file: path)
    }

    /// What `data` holds; `file` is where it comes from.
    static func parse(_ data: Data, file: String) throws(InputError) -> JournalDump {
        var reader = JournalDumpReader(file: file)
        var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // What the last end of line leaves.
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines { try reader.take(Data(line)) }
        return try reader.finished()
    }
}
