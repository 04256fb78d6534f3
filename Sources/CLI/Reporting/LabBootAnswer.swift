import Fleet
import Lab

/// A host of a lab that `drover lab up` looked after, as programs read it.
struct LabBootAnswer: SchemaDocument {
    static let schema = DocumentSchema(
        "lab-boot", "A host that `lab up` looked after",
        [
            .always("name", .text, "the host"),
            .always("address", .text, "its IPv4 address"),
            .always("user", .text, "who logs in"),
            .always("release", .word(LabRelease.self), "its Debian"),
            .always("wasUp", .flag, "whether it was up already"),
            .always("seconds", .number, "until its SSH answered"),
        ])

    var name: HostName
    var address: LabAddress
    var user: String
    var release: LabRelease
    var wasUp: Bool
    var seconds: Double

    init(_ boot: LabBoot) {
        name = boot.host.name
        address = boot.host.address
        user = boot.host.user
        release = boot.host.release
        wasUp = boot.wasUp
        seconds = LabTime.seconds(boot.elapsed)
    }
}
