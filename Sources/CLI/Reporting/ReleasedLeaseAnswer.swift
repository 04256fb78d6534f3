import Fleet

/// That a stage's lease was taken away, as programs read it.
struct ReleasedLeaseAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "lock-release", "That a stage's lease was taken away; holder, token and run are absent where nobody held it",
        [
            .always("stage", .text, "the stage"),
            .always("released", .flag, "whether there was one"),
            .maybe("holder", .text, "who held it, as `user@machine:process`"),
            .maybe("token", .integer, "its fencing token"),
            .maybe("run", .integer, "the number under which that is journaled"),
        ])

    let stage: String
    let released: Bool
    let holder: String?
    let token: Int64?
    let run: RunID?
}
