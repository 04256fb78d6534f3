import ArgumentParser
import Fleet
import Journaling

extension Drover {
    /// `drover lock`: who may change a stage.
    struct LockCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lock", abstract: "Show and release the lease of whoever is changing a stage.",
            subcommands: [Status.self, Release.self])
    }
}

extension ServiceFile {
    /// The journal of the service's state folder, and the name of a stage that the file has.
    func journal(of stage: String, _ seams: Seams) throws -> SQLiteJournal {
        _ = try self.stage(stage)
        return try SQLiteJournal(path: stateFolder(seams) + "/journal.sqlite")
    }
}

/// A stage's lease as programs read it.
struct LeaseAnswer: Encodable {
    /// What is known of the holder.
    enum Holder: String, Encodable {
        /// A process of this machine that runs.
        case running
        /// A process of this machine that is gone.
        case gone
        /// Somewhere else: only its heartbeat could tell.
        case elsewhere
    }

    let stage: String
    let holder: String?
    let token: Int64?
    let expiresAt: String?
    let state: Holder?
    /// Whole seconds until it ends by itself by this machine's clock; negative when it should have ended.
    let secondsLeft: Int64?

    init(stage: String, _ lease: Lease?, now: Timestamp) {
        self.stage = stage
        holder = lease?.holder
        token = lease?.token
        expiresAt = lease?.expiresAt.description
        state = lease.map(Self.state)
        secondsLeft = lease.map { ($0.expiresAt - now).wholeMilliseconds / 1000 }
    }

    private static func state(_ lease: Lease) -> Holder {
        if Controller.isDead(lease) { return .gone }
        return Controller.livingProcess(of: lease) == nil ? .elsewhere : .running
    }

    /// For people.
    var words: String {
        guard let holder, let state, let secondsLeft else { return "\(stage): nobody holds the lease" }
        let whereabouts =
            switch state {
            case .running: "running on this machine"
            case .gone: "gone: the next command takes it over at once"
            case .elsewhere: "not on this machine"
            }
        let end = secondsLeft < 0 ? "it ended \(-secondsLeft) s ago" : "it ends in \(secondsLeft) s unless renewed"
        return "\(stage): \(holder) holds the lease (token \(token ?? 0), \(whereabouts)); \(end)"
    }
}
