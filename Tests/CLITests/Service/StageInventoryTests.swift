import Foundation
import TestSupport
import Testing

/// A stage's inventory and playbooks are read once, and serve pool and playbook alike.
@Suite struct StageInventoryTests {
    /// A service whose hosts are this machine, with an inventory that counts how often it is asked.
    private func prepare(_ folder: URL, _ service: String) throws {
        let files = [
            "drover.yml": """
            service: \(service)
            units: []
            pool: {name: shop, balancers: lb, members: web, port: 80, config: /tmp/none/shop.cfg, socket: /tmp/none.sock}
            stages:
              staging: {inventory: hosts, playbook: plays/site.yml}
            """,
            "hosts": """
            #!/bin/sh
            echo asked >>"$(dirname "$0")/asked"
            echo '{"web": {"hosts": ["web", "w2"]}, "lb": {"hosts": ["lb1"]}, "_meta": {"hostvars": {}}}'
            """,
            "plays/group_vars/all.yml": "ansible_connection: local\n",
            "plays/group_vars/web.yml": "ansible_host: \"127.0.0.{{ 7 if inventory_hostname == 'web' else 8 }}\"\n",
            "plays/site.yml": """
            - hosts: web
              gather_facts: false
              tasks:
                - debug: {msg: "at {{ ansible_host }}"}
            """,
        ]
        for (name, text) in files {
            let file = folder.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("hosts").path)
    }

    @Test(arguments: ["plan", "apply"])
    func theInventoryIsAskedOnceAndItsWarningsAreToldOnce(_ command: String) async throws {
        try await withOwnService { folder, service in
            try prepare(folder, service)
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            let done = try await drover(command, "staging")
            let asked = try String(contentsOf: folder.appendingPathComponent("asked"), encoding: .utf8)
            #expect(asked == "asked\n", "\(done.errors)")
            // A host with a group's name is a warning.
            let warnings = done.errors.split(separator: "\n").filter { $0.contains("'web'") && $0.contains("warning") }
            #expect(warnings.count == 1, "\(done.errors)")
            #expect(done.output.contains("at 127.0.0.7"), "\(done.output)\(done.errors)")
        }
    }

    /// `group_vars` beside the playbook say where the pool's members are, for every command.
    @Test func variablesBesideThePlaybookCountForThePool() async throws {
        try await withOwnService { folder, service in
            try prepare(folder, service)
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            let pool = folder.appendingPathComponent("plays/group_vars/web.yml")
            try "ansible_host: 127.0.0.7\n".write(to: pool, atomically: true, encoding: .utf8)
            for command in [["plan", "staging"], ["pool", "status", "staging"], ["status"]] {
                let refused = try await drover.run(command)
                #expect(refused.status == 64, "\(refused.errors)")
                #expect(refused.errors.contains("are one machine"), "\(refused.errors)")
                #expect(refused.errors.components(separatedBy: "127.0.0.7").count == 2, "told once: \(refused.errors)")
            }
        }
    }

    /// Each play has the variables beside its own playbook, the pool those beside all of them; where these do not agree how a
    /// host is reached, that is told with both places, once.
    @Test func playbooksOfOneStageMayStandApart() async throws {
        try await withOwnService { folder, service in
            try prepare(folder, service)
            let files = [
                "drover.yml": """
                service: \(service)
                units: []
                pool: {name: shop, balancers: lb, members: web, port: 80, config: /tmp/none/shop.cfg, socket: /tmp/none.sock}
                stages:
                  staging: {inventory: hosts, playbook: [plays/site.yml, more/site.yml]}
                """,
                "more/group_vars/web.yml": "ansible_port: 2222\n", "plays/host_vars/w2.yml": "ansible_port: 22\n",
                "more/site.yml": """
                - hosts: web
                  gather_facts: false
                  connection: local
                  tasks:
                    - debug: {msg: "port {{ ansible_port }} of {{ ansible_host | default('nowhere') }}, {{ ansible_inventory_sources | length }}"}
                """,
            ]
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"])
            let done = try await drover("plan", "staging")
            let asked = try String(contentsOf: folder.appendingPathComponent("asked"), encoding: .utf8)
            #expect(asked == "asked\n", "\(done.errors)")
            #expect(done.output.contains("at 127.0.0.7"), "\(done.output)\(done.errors)")
            #expect(done.output.contains("port 2222 of nowhere, 1"), "\(done.output)\(done.errors)")
            let told = "more/group_vars/web.yml:1:1: ansible_port of w2 is not what"
            #expect(done.errors.components(separatedBy: told).count == 2, "\(done.errors)")
        }
    }
}
