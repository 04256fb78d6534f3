import Fleet
import Rollouts

/// A stage's lease as programs read it.
struct LeaseAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "lock", "Who may change a stage; but for `stage`, the fields are absent where nobody holds its lease",
        [
            .always("stage", .text, "the stage"),
            .maybe("holder", .text, "who holds it, as `user@machine:process`"),
            .maybe("purpose", .text, "what for, where that is known"),
            .maybe("token", .integer, "its fencing token"),
            .maybe("expiresAt", .time, "when it ends unless it is renewed"),
            .maybe("state", .word(Holder.self), "what is known of the holder: a process of this machine, or elsewhere"),
            .maybe("secondsLeft", .integer, "until it ends by this machine's clock; negative when it should have"),
        ])

    /// What is known of the holder.
    enum Holder: String, Encodable, CaseIterable {
        /// A process of this machine that runs.
        case running
        /// A process of this machine that is gone.
        case gone
        /// Somewhere else: only its heartbeat could tell.
        case elsewhere

        init(_ holder: Controller.Holder) {
            switch holder {
            case .running: self = .running
            case .gone: self = .gone
            case .elsewhere: self = .elsewhere
            }
        }
    }

    let stage: String
    let holder: String?
    /// What for, where that is known.
    let purpose: String?
    let token: Int64?
    let expiresAt: String?
    let state: Holder?
    /// Whole seconds until it ends by itself by this machine's clock; negative when it should have ended.
    let secondsLeft: Int64?

    init(stage: String, _ lease: Lease?, by controller: Controller) {
        self.stage = stage
        holder = lease?.holder
        purpose = lease?.purpose
        token = lease?.token
        expiresAt = lease?.expiresAt.description
        state = lease.map { Holder(controller.holder(of: $0)) }
        secondsLeft = lease.map { ($0.expiresAt - controller.now()).wholeMilliseconds / 1000 }
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
        let aim = purpose.map { "for \($0), " } ?? ""
        return "\(stage): \(holder) holds the lease (\(aim)token \(token ?? 0), \(whereabouts)); \(end)"
    }
}
