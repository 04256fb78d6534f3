public import Fleet

/// What playbooks did to a stage's hosts, as the journal keeps it.
public struct Provisioning: Hashable, Sendable, Codable {
    /// How many tasks ended how on one host.
    public struct Host: Hashable, Sendable, Codable {
        /// The host.
        public var host: HostName
        /// Tasks that ended well.
        public var ok: Int
        /// Tasks that changed something.
        public var changed: Int
        /// Tasks that failed.
        public var failed: Int
        /// Tasks during which the host could not be reached.
        public var unreachable: Int

        /// What was counted on `host`.
        public init(_ host: HostName, ok: Int, changed: Int, failed: Int, unreachable: Int) {
            self.host = host
            self.ok = ok
            self.changed = changed
            self.failed = failed
            self.unreachable = unreachable
        }
    }

    /// The playbooks, as the service's file names them.
    public var playbooks: [String]
    /// The hosts, in the order of the inventory.
    public var hosts: [Host]

    /// What `playbooks` did to `hosts`.
    public init(playbooks: [String], hosts: [Host]) {
        self.playbooks = playbooks
        self.hosts = hosts
    }

    /// Whether no task failed and every host could be reached.
    public var succeeded: Bool { hosts.allSatisfy { $0.failed == 0 && $0.unreachable == 0 } }

    /// What went wrong, in a few words; `nil` when nothing did.
    public var reason: String? {
        let failed = hosts.filter { $0.failed > 0 }.map(\.host.description)
        let silent = hosts.filter { $0.failed == 0 && $0.unreachable > 0 }.map(\.host.description)
        let parts = [("failed", failed), ("unreachable", silent)].compactMap { word, hosts in
            hosts.isEmpty ? nil : "\(word): \(hosts.prefix(5).joined(separator: ", "))\(hosts.count > 5 ? ", …" : "")"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// What the journal calls it.
    static let kind = "provisioned"

    /// Reads a line of the journal.
    /// - Throws: ``JournalError`` `.storage` for a line that is none of these.
    public init(_ entry: JournalEntry) throws(JournalError) {
        self = try entry.payload(as: Self.self)
    }
}

extension StageSession {
    /// Runs playbooks under the stage's lease, as a run of the journal's own.
    /// - Throws: ``JournalError``; what `playbooks` throws.
    public func provision<Outcome: Sendable>(
        under lease: Lease, _ playbooks: () async throws -> (outcome: Outcome, did: Provisioning)
    ) async throws -> Outcome {
        let (now, holder) = (controller.now, controller.name)
        let run = try await journal.begin(NewRun(.provisioning, stage: name, holder: holder), under: lease, at: now())
        do {
            let (outcome, did) = try await playbooks()
            try await journal.append(
                Provisioning.kind, payload: NoteJSON.text(did), to: run.id, under: lease, at: now())
            try await journal.finish(run.id, did.succeeded ? .succeeded : .failed, at: now())
            await noteRecord(under: lease)
            return outcome
        } catch {
            // The first error is the one to tell; the next apply closes the run.
            try? await journal.finish(run.id, .failed, at: now())
            throw error
        }
    }
}
