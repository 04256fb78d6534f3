import Fleet

/// Who took a member out of rotation by hand, as programs read it.
struct KeptOutAnswer: Encodable, Hashable {
    let by: String?
    let since: String?
    let reason: String?
    let isMaintenance: Bool

    init(_ kept: KeptOut) {
        (by, since, reason) = (kept.by, kept.since?.description, kept.reason)
        isMaintenance = kept.isMaintenance
    }

    /// For people: `maintenance by me@here: new disks`.
    var words: String {
        (isMaintenance ? "maintenance" : "drained") + " by \(by ?? "hand")" + (reason.map { ": \($0)" } ?? "")
    }

    static let fields: [Shape.Field] = [
        .maybe("by", .text, "who did; absent for somebody at a balancer's own console"),
        .maybe("since", .time, "when; absent where nobody has written it down"),
        .maybe("reason", .text, "why, as somebody said"),
        .always("isMaintenance", .flag, "whether it is in maintenance; else it is drained, and goes on being checked"),
    ]
}
