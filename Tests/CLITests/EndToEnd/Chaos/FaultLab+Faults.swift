import Foundation
import TestSupport

extension FaultLab {
    /// Says a command to a balancer's admin socket.
    func say(_ command: String, to balancer: String) async throws {
        let script =
            #"my $s = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or die; "#
            + #"print $s shift, "\n"; $s->shutdown(1); print while <$s>"#
        try await on(balancer, "perl -MIO::Socket::UNIX -e '\(script)' '\(command)'").succeeded()
    }

    // MARK: disks

    /// The member whose releases and state lie on small disks of their own.
    static let memberWithDisk = "ap2"

    /// Leaves nothing of the disks that a member has its releases and its state on.
    func fillDisk(of member: String) async throws {
        let fill = """
            for disk in /srv /var/lib/drover; do
                dd if=/dev/zero bs=64k status=none >>$disk/filler 2>/dev/null
                dd if=/dev/zero bs=1 count=4096 status=none >>$disk/filler 2>/dev/null
            done; true
            """
        try await on(member, fill).succeeded()
    }

    /// Gives back what ``fillDisk(of:)`` took.
    func freeDisk(of member: String) async throws {
        try await on(member, "rm -f /srv/filler /var/lib/drover/filler").succeeded()
    }

    // MARK: the controller's network

    private var table: String { "drover_chaos_" + network.replacingOccurrences(of: ".", with: "_") }

    /// Lets no packet through from this machine to the hosts' sshd.
    func refuseSSH() async throws {
        let rules = """
            table inet \(table) {
                chain output {
                    type filter hook output priority 0;
                    ip daddr \(network).0/24 tcp dport 22 drop
                }
            }
            """
        try await DroverProgram.run(["nft", rules]).succeeded()
    }

    /// Undoes ``refuseSSH()``.
    func allowSSH() async throws {
        _ = try await DroverProgram.run(["nft", "delete table inet \(table)"])
    }
}
