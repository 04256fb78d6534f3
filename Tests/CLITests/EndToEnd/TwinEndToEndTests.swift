import Foundation
import TestSupport
import Testing

/// Ansible, as `scripts/peers` installs it.
enum AnsiblePlaybook {
    static let path = DroverProgram.repository.appendingPathComponent(".build/peers/bin/ansible-playbook").path
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }
}

/// The same playbook by Drover on bare hosts, and by Ansible on their twins.
@Suite(
    .labHosts,
    .enabled("needs ansible-playbook, which scripts/peers installs") { AnsiblePlaybook.isInstalled },
    .serialized, .timeLimit(.minutes(15)))
struct TwinEndToEndTests {
    /// What the playbook could have made: files with their content, mode and owner; packages; accounts; units. Addresses
    /// are levelled, for the twins' differ; what a package's own scripts write anew on each host is left out.
    private static let state = #"""
        cd /
        find etc srv var/lib/rabbitmq -xdev \( -name 'ssh_host_*' -o -name machine-id -o -name ld.so.cache \
            -o -name '*-' -o -name .pwd.lock -o -name mnesia -o -name hosts -o -name hostname \) -prune -o \
            -printf '%y %m %u %g %p %l\n' | sort
        for file in etc/bookmark/settings.json etc/systemd/system/bookmark*.service etc/haproxy/haproxy.cfg \
            etc/haproxy/pools/*.cfg etc/haproxy/sorry.html etc/default/haproxy etc/memcached.conf etc/rabbitmq/*.conf \
            etc/rabbitmq/definitions.json var/lib/rabbitmq/.erlang.cookie etc/bookmark/environment etc/nftables.conf \
            etc/ssh/sshd_config.d/*.conf etc/systemd/journald.conf.d/*.conf etc/systemd/system/*.d/recover.conf; do
            [ -f "$file" ] && echo "$file $(sed 's/10\.[0-9]*\.[0-9]*\./NET./g' "$file" | sha256sum)"
        done
        dpkg-query -W -f '${Package} ${Version} ${Status}\n'
        sort etc/passwd etc/group
        systemctl list-unit-files --no-legend --type=service
        for unit in bookmark bookmark-worker haproxy memcached nftables rabbitmq-server; do
            echo "$unit $(systemctl is-active $unit)"
        done
        true
        """#
    private static let python = """
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3 python3-apt >/dev/null 2>&1
        """
    private static let hosts = ["stg-lb1", "stg-ap1", "stg-ap2", "stg-cache1", "stg-queue1"]

    @Test func applyLeavesWhatAnsibleLeaves() async throws {
        try await withTemporaryFolder { folder in
            let files = FileManager.default
            for name in ["ours", "theirs"] {
                try files.createDirectory(at: folder.appendingPathComponent(name), withIntermediateDirectories: true)
            }
            let ours = try await ServiceLab(in: folder.appendingPathComponent("ours"))
            let theirs = try await ServiceLab(in: folder.appendingPathComponent("theirs"))
            do { try await compare(ours, theirs) } catch {
                try await ours.down()
                try await theirs.down()
                throw error
            }
            try await ours.down()
            try await theirs.down()
        }
    }

    private func compare(_ ours: ServiceLab, _ theirs: ServiceLab) async throws {
        for lab in [ours, theirs] {
            try await lab.drover("lab", "up", "-i", "inventory/staging.yml").succeeded()
        }
        try await ours.drover("apply", "playbooks/site.yml", "-i", "inventory/staging.yml").succeeded()
        // Ansible cannot do without Python; ours gets it afterwards, so that only the playbook's work can differ.
        for lab in [theirs, ours] {
            try await lab.drover("run", "-i", "inventory/staging.yml", "-b", "all", "--", Self.python).succeeded()
        }
        try await DroverProgram.run([
            "env", "-C", theirs.folder.path, "ANSIBLE_HOST_KEY_CHECKING=True", AnsiblePlaybook.path, "-i",
            "inventory/staging.yml", "--vault-password-file", "playbooks/lab-vault-password", "playbooks/site.yml",
        ]).succeeded()
        for host in Self.hosts {
            let mine = try await ours.on(host, stage: "staging", Self.state).succeeded()
            let other = try await theirs.on(host, stage: "staging", Self.state).succeeded()
            let difference = Set(mine.output.split(separator: "\n"))
                .symmetricDifference(other.output.split(separator: "\n"))
            #expect(difference.isEmpty, "\(host): \(difference.sorted().prefix(20).joined(separator: "\n"))")
        }
    }
}
