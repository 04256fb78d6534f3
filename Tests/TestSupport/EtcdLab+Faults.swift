import Foundation

extension EtcdLab {
    /// Brings everything back to three healthy members without TLS, whatever a test has left.
    public func mend() async throws {
        // A cable is found by asking the host, and whoever boots hosts waits for them to answer.
        for member in Self.members where try await on(member, "true").status == 0 { try await reconnect(member) }
        try await powerOn()
        for member in Self.members {
            try await freeDisk(of: member)
            // One that failed again and again is started no more.
            try await on(member, "systemctl reset-failed etcd").succeeded()
        }
        try await startUnits(Self.members)
        try await useNoTLS()
        for member in Self.members { try await untilHealthy(member) }
    }

    // MARK: members

    /// Ends a member by SIGKILL. systemd starts it again.
    public func kill(_ member: String) async throws {
        try await on(member, "systemctl kill --signal=KILL --kill-who=main etcd").succeeded()
    }

    /// Ends a member in good order, and it stays so.
    public func stop(_ member: String) async throws { try await on(member, "systemctl stop etcd").succeeded() }

    /// Starts members that do not run, and returns when each is healthy.
    public func start(_ members: [String] = EtcdLab.members) async throws {
        try await startUnits(members)
        for member in members { try await untilHealthy(member) }
    }

    /// A member is started when it has joined, for which the others may have to start first.
    private func startUnits(_ members: [String]) async throws {
        for member in members { try await on(member, "systemctl start --no-block etcd").succeeded() }
    }

    /// Ends all members in good order and starts them again, all at the same time.
    public func restartAll() async throws {
        for member in Self.members { try await stop(member) }
        try await start()
    }

    // MARK: hosts

    /// Cuts the power of members' hosts.
    public func powerOff(_ members: [String] = EtcdLab.members) async throws {
        try await drover.run(["lab", "off", "-i", Self.inventory] + members).succeeded()
    }

    /// Boots every host that is off, and waits for its SSH.
    public func powerOn() async throws { try await drover("lab", "up", "-i", Self.inventory).succeeded() }

    /// Pulls the cable of a member's host: nobody hears from it and it hears from nobody, and nobody is told.
    public func cutOff(_ member: String) async throws { try await setCable(of: member, "down") }

    /// Puts the cable of a member's host in again.
    public func reconnect(_ member: String) async throws { try await setCable(of: member, "up") }

    /// The other end of the host's network card is on this machine, and the card knows its number.
    private func setCable(of member: String, _ state: String) async throws {
        let number = try await on(member, "cat /sys/class/net/eth0/iflink").succeeded().output
        let pull = #"ip link set dev "$(ip -o link | sed -n "s/^$1: \([^@:]*\).*/\1/p")" "$2""#
        let words = [number.trimmingCharacters(in: .whitespacesAndNewlines), state]
        try await DroverProgram.run(["sh", "-euc", pull, "sh"] + words).succeeded()
    }

    // MARK: disks

    private static let filler = "/var/lib/etcd/filler"

    /// Leaves nothing of the file system that a member has its data on.
    public func fillDisk(of member: String) async throws {
        let fill = """
            left() { df --output=avail -B1 /var/lib/etcd | tail -n 1; }
            fallocate -l "$(left)" \(Self.filler) || true
            dd if=/dev/zero bs=4k status=none >>\(Self.filler) 2>/dev/null || true
            test "$(left)" -eq 0
            """
        try await on(member, fill).succeeded()
    }

    /// Gives back what ``fillDisk(of:)`` took.
    public func freeDisk(of member: String) async throws { try await on(member, "rm -f \(Self.filler)").succeeded() }

    // MARK: TLS

    private var settings: URL { folder.appendingPathComponent("inventory/group_vars/etcd.yml") }

    /// Has the members speak to clients over TLS, and let in only those that show a certificate of the authority.
    public func useTLS() async throws -> EtcdCertificates {
        let certificates = try await EtcdCertificates(in: folder.appendingPathComponent("certificates"))
        for member in Self.members {
            for validity in EtcdCertificates.Validity.allCases {
                try await certificates.makeServer(member, address: address(of: member), validity)
            }
        }
        let text = """
            etcd_tls_cert: "\(certificates.folder.path)/{{ inventory_hostname }}-valid.crt"
            etcd_tls_key: "\(certificates.folder.path)/{{ inventory_hostname }}-valid.key"
            etcd_tls_client_ca: "\(certificates.authority)"

            """
        try text.write(to: settings, atomically: true, encoding: .utf8)
        try await apply()
        return certificates
    }

    /// Gives all members certificates of this validity. They show them to whoever connects from now on.
    public func present(_ validity: EtcdCertificates.Validity, of certificates: EtcdCertificates) async throws {
        for member in Self.members {
            for end in ["crt", "key"] {
                let file = certificates.folder.appendingPathComponent("\(member)-\(validity).\(end)")
                let text = try String(contentsOf: file, encoding: .utf8)
                try await on(member, "cat >/etc/etcd/server.\(end) <<'END'\n\(text)END").succeeded()
            }
        }
    }

    /// Has the members speak to clients without TLS again, if they speak with it.
    public func useNoTLS() async throws {
        guard FileManager.default.fileExists(atPath: settings.path) else { return }
        try FileManager.default.removeItem(at: settings)
        try await apply()
    }
}
