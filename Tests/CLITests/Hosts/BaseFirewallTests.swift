import Foundation
import TestSupport
import Testing

/// What the base role writes of a firewall, without a host.
@Suite struct BaseFirewallTests {
    /// With no controller named, none is let in, and all else is as ever.
    @Test(arguments: ["", "192.0.2.10"]) func aHostMayHaveNoController(_ controller: String) async throws {
        try await withTemporaryFolder { folder in
            let role = DroverProgram.repository.appendingPathComponent("playbooks/roles/base").path
            let play = """
                - hosts: localhost
                  connection: local
                  gather_facts: false
                  vars_files: [\(role)/defaults/main.yml, \(role)/vars/main.yml]
                  tasks:
                    - template: {src: \(role)/templates/nftables.conf.j2, dest: "{{ playbook_dir }}/rules"}

                """
            try play.write(to: folder.appendingPathComponent("play.yml"), atomically: true, encoding: .utf8)
            let settings = """
                {"base_controllers": [\(controller.isEmpty ? "" : "\"\(controller)\"")],
                "base_sshd": {"stdout_lines": ["port 22"]}}
                """
            try await DroverProgram(in: folder)("apply", "play.yml", "-i", "localhost,", "-e", settings).succeeded()
            let rules = try String(contentsOf: folder.appendingPathComponent("rules"), encoding: .utf8)
            #expect(rules.contains("        tcp dport { 22 } accept\n"))
            #expect(rules.contains("ip saddr { 192.0.2.10 } meta l4proto tcp accept") == !controller.isEmpty)
        }
    }
}
