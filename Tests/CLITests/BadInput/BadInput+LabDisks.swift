extension BadInput {
    private static func disk(_ value: String, says: String...) -> Self {
        Self(
            name: "lab_disk: \(value)",
            files: ["hosts.yml": "all:\n  hosts:\n    db1: {ansible_host: 10.20.0.11, lab_disk: \(value)}\n"],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:3", "host 'db1'"] + says)
    }

    private static func release(_ value: String, says: String...) -> Self {
        Self(
            name: "lab_release: \(value)",
            files: ["hosts.yml": "all:\n  hosts:\n    db1: {ansible_host: 10.20.0.11, lab_release: \(value)}\n"],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:3", "host 'db1'"] + says)
    }

    /// Releases that a lab does not boot.
    static let releases = [
        release("11", says: "is '11', and a lab boots Debian 12 and 13"),
        release("sid", says: "is 'sid', and a lab boots Debian 12 and 13"),
        release("''", says: "is '', and a lab boots"),
        release("13.1", says: "is neither a number nor a name"),
        release("[13]", says: "is neither a number nor a name"),
        Self(
            name: "lab up --release 14", files: ["hosts.yml": "all:\n  hosts:\n    db1: {ansible_host: 10.20.0.11}\n"],
            arguments: ["lab", "up", "-i", "hosts.yml", "--release", "14"],
            says: ["'14' is invalid", "one of '12' and '13'"]),
    ]

    /// Disks that a lab's host can't have.
    static let disks = [
        disk("512M", says: "neither a mapping with path and size nor a list"),
        disk("[512M]", says: "neither a mapping with path and size nor a list"),
        disk("{path: /srv}", says: "needs both path and size"),
        disk("{path: [/srv], size: 8M}", says: "needs both path and size"),
        disk("{path: /srv, size: 8M, mode: '0755'}", says: "has 'mode', and takes path and size"),
        disk("{path: /srv, size: large}", says: "has size 'large', which is no size"),
        disk("{path: /srv, size: 8.5}", says: "has a size that is no size"),
        disk("{path: /srv, size: 512}", says: "at /srv has a size of 512, and a file system needs 8M"),
        disk("{path: srv, size: 8M}", says: "has path 'srv', which no disk can be at"),
        disk("{path: /etc, size: 8M}", says: "at /etc would hide what the host runs on"),
        disk("[{path: /srv, size: 8M}, {path: /srv, size: 9M}]", says: "has two lab_disks at /srv"),
        disk("{path: /srv, size: 8000000T}", says: "at /srv has a size of 8000000T, and ", "has room for"),
        Self(
            name: "lab_disk of a group, too large for the last host",
            files: [
                "hosts.yml": """
                all:
                  vars: {lab_disk: "{{ disk }}", disk: {path: "/{{ where }}", size: 5000000T}, where: srv}
                  hosts:
                    db1: {ansible_host: 10.20.0.11, disk: {path: /srv, size: 8M}}
                    db2: {ansible_host: 10.20.0.12}

                """
            ],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:5", "'db2' at /srv has a size of 5000000T"]),
        Self(
            name: "host of a lab without an address", files: ["hosts.yml": "all:\n  hosts:\n    db1:\n"],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:3", "host 'db1' has no address"]),
    ]
}
