import Fleet

/// Whether a host answers, as programs read it.
struct PingAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "ping", "Whether a host answers, and how fast",
        [
            .always("host", .text, "the host"),
            .always("isReachable", .flag, "whether it answered"),
            .maybe("connectMilliseconds", .number, "until logged in, waiting for others' handshakes included"),
            .maybe("commandMilliseconds", .number, "for an empty command on an open connection"),
            .maybe("error", .text, "why not, for people"),
        ])

    let host: HostName
    let isReachable: Bool
    var connectMilliseconds: Double?
    var commandMilliseconds: Double?
    var error: String?
}
