import AdHoc
import Lab
import Rollouts

extension HostCheckup: SchemaDocument {
    static let schema = DocumentSchema(
        "doctor", "What is wrong with the way to a host, and on it",
        [
            .always("host", .text, "the host"),
            .maybe("through", .list(.text), "the hosts that the way to it goes through"),
            .maybe("behind", .list(.text), "of a jump host: the hosts that it was looked at for"),
            .always("isHealthy", .flag, "whether nothing is faulty"),
            .always("checks", .list(.object(HostCheck.fields)), "the answers, in the order of asking"),
        ])
}

extension HostCheck {
    fileprivate static let fields: [Shape.Field] = [
        .always("subject", .word(Subject.self), "what was asked"),
        .always("state", .word(State.self), "how the answer is to be taken"),
        .always("says", .text, "what was found, for people"),
        .always("remedies", .list(.text), "what to do about it"),
    ]
}

extension LabHostStatus: SchemaDocument {
    static let schema = DocumentSchema(
        "lab-host", "A host of a lab as it is now",
        [
            .always("host", .object(LabHost.fields), "the host"),
            .always("state", .word(State.self), "what it is: up, running without SSH, or not running"),
            .maybe("leader", .integer, "the process number of its systemd on this machine"),
        ])
}

extension LabHost {
    fileprivate static let fields: [Shape.Field] = [
        .always("name", .text, "its name"),
        .always("address", .text, "its IPv4 address"),
        .always("port", .integer, "the port that its SSH listens on"),
        .always("user", .text, "who logs in"),
        .always(
            "disks", .list(.object([.always("path", .text, "where"), .always("size", .integer, "in bytes")])),
            "its own file systems"),
        .always("release", .word(LabRelease.self), "its Debian"),
        .always("hasFuse", .flag, "whether it has `/dev/fuse`"),
        .always("limits", .object(LabLimits.fields), "what it may take of this machine, as the inventory says"),
        .maybe("limitsByHand", .object(LabLimits.fields), "what `lab limit` said since; it holds instead"),
    ]
}

extension LabLimits {
    fileprivate static let fields: [Shape.Field] = [
        .maybe("cpus", .number, "processors; without it, all"),
        .maybe("memory", .integer, "bytes, the page cache included; without it, all"),
        .maybe(
            "io",
            .object(
                DiskBounds.Bound.allCases.map {
                    .maybe($0.rawValue, .integer, $0.isInBytes ? "bytes a second" : "operations a second")
                }), "bounds for each of its own disks"),
    ]
}

extension Provisioning: SchemaDocument {
    static let schema = DocumentSchema(
        "provisioning", "What playbooks did to a stage's hosts, of a run of the kind `provisioning`",
        [
            .always("playbooks", .list(.text), "the playbooks, as `drover.yml` names them"),
            .always("hosts", .list(.object(Host.fields)), "the hosts, in the inventory's order"),
        ])
}

extension Provisioning.Host {
    fileprivate static let fields: [Shape.Field] = [
        .always("host", .text, "the host"),
        .always("ok", .integer, "tasks that ended well"),
        .always("changed", .integer, "tasks that changed something"),
        .always("failed", .integer, "tasks that failed"),
        .always("unreachable", .integer, "tasks during which it could not be reached"),
    ]
}

extension LeaseOverride: SchemaDocument {
    static let schema = DocumentSchema(
        "lease-override",
        "That a lease was taken away or held by force, of a run of the kind `lock-release` or `lock-forced`",
        [
            .always("holder", .text, "who held it"),
            .always("token", .integer, "its fencing token"),
            .always("reason", .text, "why, as somebody said"),
        ])
}
