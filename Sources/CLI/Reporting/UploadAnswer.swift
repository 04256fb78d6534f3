import Fleet
import Rollouts
import SSH

/// How far what is being sent to hosts has come, as programs read it.
struct UploadAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "upload", "How far what is being sent to hosts has come; written every 5 s while something larger is",
        [
            .always("event", .word(["upload"]), "always the same"),
            .always("sent", .integer, "bytes that have left, to all hosts"),
            .always("size", .integer, "bytes in all"),
            .always(
                "hosts",
                .list(
                    .object([
                        .always("host", .text, "the host"), .always("sent", .integer, "bytes that have left to it"),
                        .always("size", .integer, "bytes in all"),
                    ])), "those that something is on its way to"),
        ])

    /// One host's part.
    struct Host: Encodable, Hashable, Sendable {
        let host: HostName
        let sent: Int
        let size: Int
    }

    let event = "upload"
    let sent: Int
    let size: Int
    let hosts: [Host]

    /// What `tally` knows; `nil` while nothing larger is on its way.
    init?(_ tally: UploadTally) {
        guard let total = tally.total() else { return nil }
        (sent, size) = total
        hosts = tally.open.map { Host(host: $0.host, sent: $0.sent, size: $0.size) }
    }
}
