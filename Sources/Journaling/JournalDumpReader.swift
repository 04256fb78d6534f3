import Fleet
import Foundation

/// Reads a dump's lines one after the other, and takes none that could not have come from a journal.
struct JournalDumpReader {
    let file: String
    private var line = 0
    private var dump: JournalDump?
    private var hasEnded = false
    /// What was taken, so that nothing is there twice.
    private var seen: Set<String> = []
    /// How many lines each run has so far.
    private var lengths: [RunID: Int64] = [:]

    init(file: String) { self.file = file }

    /// Takes the next line.
    mutating func take(_ text: Data) throws(InputError) {
        line += 1
        guard var dump else { return dump = JournalDump(lastRun: try head(text)) }
        if hasEnded { throw damage("something stands after the last line") }
        try add(try decoded(JournalDumpFile.Line.self, text), to: &dump)
        self.dump = dump
    }

    /// Everything, once the last line was taken.
    func finished() throws(InputError) -> JournalDump {
        guard let dump else { throw damage("the file is empty") }
        guard hasEnded else {
            throw InputError(
                .syntax, "the file is cut off after this line", at: SourceLocation(file: file, line: line),
                hints: Self.again)
        }
        return dump
    }

    private func head(_ text: Data) throws(InputError) -> RunID {
        guard let head = try? JSONDecoder().decode(JournalDumpFile.Head.self, from: text),  // As said below.
            head.kind == JournalDumpFile.kind
        else { throw damage("the file is no exported journal") }
        guard head.version <= JournalDumpFile.version else {
            throw InputError(
                .unsupported, "the file has version \(head.version), which a newer drover wrote",
                at: SourceLocation(file: file, line: line), hints: ["import it with that version"])
        }
        guard let last = head.lastRun, head.version >= 1, last.number >= 0 else {
            throw damage("the first line is damaged")
        }
        return last
    }

    private mutating func add(_ record: JournalDumpFile.Line, to dump: inout JournalDump) throws(InputError) {
        if let run = record.run { return try add(run, to: &dump) }
        if let entry = record.entry { return try add(entry, to: &dump) }
        if let build = record.build { return dump.builds.append(try once(build, "build \(build.digest)")) }
        if let stage = record.stage { return dump.stages.append(try once(stage, "stage \(stage.stage)")) }
        if let evidence = record.evidence { return dump.evidence.append(try once(evidence, "\(evidence)")) }
        if let member = record.member {
            return dump.members.append(try once(member, "member \(member.stage) \(member.host)"))
        }
        if let balancer = record.leftOut {
            return dump.leftOut.append(try once(balancer, "balancer \(balancer.stage) \(balancer.balancer)"))
        }
        if let token = record.token { return dump.tokens[token.stage] = try once(token, "token \(token.stage)").token }
        guard let end = record.end else { throw damage("the line says nothing that this version knows") }
        guard end.lines == line - 2 else {
            throw damage("\(end.lines) lines should stand before this one, and \(line - 2) do")
        }
        hasEnded = true
    }

    private mutating func add(_ run: RunRecord, to dump: inout JournalDump) throws(InputError) {
        guard run.id.number > dump.runs.last?.id.number ?? 0, run.id <= dump.lastRun else {
            throw damage("run \(run.id) is out of place")
        }
        lengths[run.id] = 0
        dump.runs.append(run)
    }

    private mutating func add(_ entry: JournalEntry, to dump: inout JournalDump) throws(InputError) {
        guard let length = lengths[entry.run] else { throw damage("there is no run \(entry.run) before its lines") }
        guard entry.sequence == length + 1 else { throw damage("run \(entry.run) has no line \(length + 1)") }
        let payload = Data(entry.payload.utf8)
        // As said below.
        guard (try? JSONSerialization.jsonObject(with: payload, options: .fragmentsAllowed)) != nil else {
            throw damage("the line's payload is no JSON")
        }
        lengths[entry.run] = entry.sequence
        dump.entries.append(entry)
    }

    private mutating func once<Record>(_ record: Record, _ name: String) throws(InputError) -> Record {
        guard seen.insert(name).inserted else { throw damage("the same is there twice") }
        return record
    }

    private func decoded<Record: Decodable>(_ type: Record.Type, _ text: Data) throws(InputError) -> Record {
        do {
            return try JSONDecoder().decode(type, from: text)
        } catch {
            throw damage("the line is damaged")
        }
    }

    private func damage(_ message: String) -> InputError {
        InputError(.syntax, message, at: SourceLocation(file: file, line: line), hints: Self.again)
    }

    private static let again = ["nothing was imported; export the journal again: drover state export FILE"]
}
