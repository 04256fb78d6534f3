public import Fleet

/// A line of what somebody did by hand, as the journal keeps it.
public struct HandEntry: Hashable, Sendable, Codable {
    /// What became of it.
    public enum Step: String, Hashable, Sendable, Codable, CaseIterable {
        /// It is about to be done.
        case begun
        /// It was done.
        case done
        /// It could not be done.
        case failed
    }

    /// What became of it.
    public var step: Step
    /// The member.
    public var host: HostName
    /// The weight it gets, where that is what is done.
    public var weight: Int?
    /// Why it is done, in the words of whoever did it.
    public var reason: String?
    /// Sessions that were still open when nobody waited any longer.
    public var open: Int?
    /// Why it could not be done.
    public var message: String?

    init(_ step: Step, _ host: HostName) { (self.step, self.host) = (step, host) }

    /// What the journal calls it.
    static let kind = "by-hand"

    /// Reads a line of the journal.
    /// - Throws: ``JournalError`` `.storage` for a line that is none of these.
    public init(_ entry: JournalEntry) throws(JournalError) { self = try entry.payload(as: Self.self) }

    /// `ap1, ap2: new disks`, of a run's lines.
    static func summary(_ entries: [Self]) -> String? {
        var hosts: [HostName] = []
        for entry in entries where !hosts.contains(entry.host) { hosts.append(entry.host) }
        guard !hosts.isEmpty else { return nil }
        let names = hosts.prefix(5).map(\.description).joined(separator: ", ") + (hosts.count > 5 ? ", …" : "")
        let weight = entries.lazy.compactMap(\.weight).first.map { " to \($0)" } ?? ""
        let faults = entries.filter { $0.step == .failed }.map { "\($0.host): \($0.message ?? "failed")" }
        return names + weight + (entries.lazy.compactMap(\.reason).first.map { ": \($0)" } ?? "")
            + (faults.isEmpty ? "" : "; \(faults.joined(separator: "; "))")
    }
}

/// Writes what is done by hand into a run of the journal.
struct HandLedger: Sendable {
    let journal: any RunJournal
    let run: RunID
    let lease: Lease
    let now: @Sendable () -> Timestamp
    let mask: @Sendable (String) -> String

    func record(_ entry: HandEntry) async throws {
        var entry = entry
        entry.reason = entry.reason.map(mask)
        entry.message = entry.message.map(mask)
        try await journal.append(
            HandEntry.kind, payload: NoteJSON.text(entry), to: run, under: lease, at: now())
    }
}
