extension BadInput {
    private static func limit(_ words: String, says: String...) -> Self {
        Self(
            name: words,
            files: [
                "hosts.yml": """
                all:
                  hosts:
                    db1: {ansible_host: 10.20.0.11, lab_disk: {path: /srv, size: 8M}, \(words)}

                """
            ],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:3", "host 'db1'"] + says)
    }

    /// Limits that a lab's host can't have.
    static let limits = [
        limit("lab_cpus: 0", says: "lab_cpus", "is '0', which is no number of processors"),
        limit("lab_cpus: half", says: "is 'half', which is no number of processors"),
        limit("lab_cpus: [1]", says: "lab_cpus", "is neither a number nor a text"),
        limit("lab_memory: 16M", says: "is 16M, and a host needs 48M to come up"),
        limit("lab_memory: some", says: "is 'some', which is no size"),
        limit("lab_io: 200", says: "lab_io", "is no mapping of what is bounded"),
        limit("lab_io: {reads: 200}", says: "has 'reads', and takes read_iops, write_iops, read_bps and write_bps"),
        limit("lab_io: {read_iops: 0}", says: "has read_iops '0', which bounds no disk"),
        limit("lab_io: {write_bps: 1K}", says: "has write_bps '1K', which bounds no disk"),
        limit("lab_fuse: 'yes please'", says: "lab_fuse", "is neither true nor false"),
        Self(
            name: "lab_io without a disk",
            files: ["hosts.yml": "all:\n  hosts:\n    db1: {ansible_host: 10.20.0.11, lab_io: {read_iops: 9}}\n"],
            arguments: ["lab", "up", "-i", "hosts.yml"], says: ["hosts.yml:3", "and it has none"]),
        Self(
            name: "lab limit without a limit", files: ["hosts.yml": "db1:\n"],
            arguments: ["lab", "limit", "-i", "hosts.yml", "db1"], says: ["nothing to change"]),
        Self(
            name: "lab limit --io with a host", files: ["hosts.yml": "db1:\n"],
            arguments: ["lab", "limit", "-i", "hosts.yml", "db2", "--io", "read_iops=5", "db1"],
            says: ["'db1' after --io is no bound"]),
        Self(
            name: "lab limit --cpus many", files: ["hosts.yml": "db1:\n"],
            arguments: ["lab", "limit", "-i", "hosts.yml", "db1", "--cpus", "many"], says: ["--cpus is 'many'"]),
    ]
}
