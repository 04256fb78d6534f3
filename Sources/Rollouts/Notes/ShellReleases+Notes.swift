public import Fleet
import Foundation
import Values

extension ShellReleases: NoteControl {
    /// How long one host may take over its notes.
    static let notePatience: Duration = .seconds(30)

    private var notes: NoteScript { NoteScript(release: script) }

    /// What stands on the host; see ``NoteControl``.
    public func notes(on host: HostName) async throws(RolloutError) -> HostNotes {
        let result = try await run(notes.read, on: host, deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "reading what stands there")
        return try HostNotes(parsing: result.text, of: host)
    }

    /// Puts a lease there; see ``NoteControl``.
    public func take(
        _ lease: StageLease, replacing token: Int64?, on host: HostName
    ) async throws(RolloutError) -> HostNotes {
        let result = try await run(
            notes.take(lease, replacing: token), on: host, input: NoteJSON.text(lease), deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "taking the lease")
        return try HostNotes(parsing: result.text, of: host)
    }

    /// Has a lease stand for its whole time again; see ``NoteControl``.
    @discardableResult
    public func renew(_ lease: StageLease, on host: HostName) async throws(RolloutError) -> [RolloutRequest] {
        let result = try await run(
            notes.renew(lease), on: host, input: NoteJSON.text(lease), deadline: Self.notePatience)
        if result.status == NoteScript.heldByAnother {
            throw RolloutError(
                .fenced, host: host,
                "another controller has taken over: a lease with token \(result.text.stripped) stands there",
                hints: ["see what it does: drover status"])
        }
        try expectSuccess(result, host, doing: "renewing the lease")
        return try HostNotes(parsing: result.text, of: host).requests
    }

    /// Leaves a request there; see ``NoteControl``.
    public func post(_ request: RolloutRequest, on host: HostName) async throws(RolloutError) {
        let result = try await run(
            notes.post(request.kind), on: host, input: NoteJSON.text(request), deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "leaving the request")
    }

    /// Takes a lease away; see ``NoteControl``.
    public func release(_ token: Int64, isRevoked: Bool, on host: HostName) async throws(RolloutError) {
        let result = try await run(
            notes.takeAway(token, isRevoked: isRevoked), on: host, deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "giving the lease back")
    }

    /// Replaces what stands there of a rollout; see ``NoteControl``.
    public func write(_ note: RolloutNote, on host: HostName) async throws(RolloutError) {
        let result = try await run(
            notes.write("rollout"), on: host, input: NoteJSON.text(note), deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "noting the rollout")
    }

    /// Replaces what the stage is said to run; see ``NoteControl``.
    public func write(_ note: StageNote, on host: HostName) async throws(RolloutError) {
        let result = try await run(
            notes.write("record", removing: ["rollout"] + RolloutRequest.Kind.allCases.map(NoteScript.file)), on: host,
            input: NoteJSON.text(note),
            deadline: Self.notePatience)
        try expectSuccess(result, host, doing: "noting what the stage runs")
    }
}

/// Notes as one line of JSON.
enum NoteJSON {
    static func text(_ note: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Plain values always encode.
        return (try? encoder.encode(note)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    static func note<Note: Decodable>(_ text: String, of host: HostName) throws(RolloutError) -> Note {
        do {
            return try JSONDecoder().decode(Note.self, from: Data(text.utf8))
        } catch {
            throw RolloutError(
                .command, host: host, "what stands there about the stage cannot be read: \(text.prefix(80))",
                hints: ["was it changed by hand? see /var/lib/drover there; the other hosts have it too"])
        }
    }
}

extension HostNotes {
    /// Reads what ``NoteScript`` printed.
    init(parsing text: String, of host: HostName) throws(RolloutError) {
        self.init()
        var (left, lease): (Int64?, StageLease?) = (nil, nil)
        for line in text.lines {
            guard let cut = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: cut)...])
            switch line[..<cut] {
            case "token": token = Int64(value) ?? 0
            case "left": left = Int64(value)
            case "lease": lease = try NoteJSON.note(value, of: host)
            case "record": record = try NoteJSON.note(value, of: host)
            case "rollout": rollout = try NoteJSON.note(value, of: host)
            case "request":
                // One of a kind that a later version knows asks nothing of this one.
                let request: RolloutRequest? = try? NoteJSON.note(value, of: host)  // As above.
                if let request { requests.append(request) }
            // A build that was brought by an earlier version has no note.
            case "build" where !value.isEmpty: builds.append(try NoteJSON.note(value, of: host))
            case "good": good = try? BuildDigest(value)  // One that is none says nothing.
            case "good.before": goodBefore = try? BuildDigest(value)  // As above.
            case "upgraded": upgradedFrom = Int(value)
            default: break
            }
        }
        if let left, let lease { self.lease = StandingLease(lease, left: .seconds(left)) }
        try checkLimits(of: host)
    }
}
