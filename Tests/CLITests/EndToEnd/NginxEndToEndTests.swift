import Foundation
import TestSupport
import Testing

/// nginx in HAProxy's place, on one of the lab's balancers beside it.
extension BalancerFaultEndToEndTests {
    private static let site = """
        server {
            listen 8088;
            keepalive_timeout 0;
            location / { proxy_pass http://ledger; proxy_http_version 1.1; proxy_set_header Connection ""; }
        }

        """

    private func withNginx(_ lab: FaultLab) async throws {
        let playbook = """
            - hosts: ngx
              become: true
              gather_facts: false
              tasks:
                - {name: Nobody starts it yet, copy: {dest: /usr/sbin/policy-rc.d, content: "exit 101\\n", mode: "0755"}}
                - {name: nginx, apt: {name: nginx, state: present}}
                - {name: Services start again, file: {path: /usr/sbin/policy-rc.d, state: absent}}
                - {name: No other site, file: {path: /etc/nginx/sites-enabled/default, state: absent}}
                - name: An empty pool
                  copy:
                    dest: /etc/nginx/conf.d/drover-ledger.conf
                    content: "upstream ledger { server 127.0.0.1:9 down; }\\n"
                    force: false
                - name: Site
                  copy:
                    dest: /etc/nginx/conf.d/site.conf
                    content: |
            \(Self.site.split(separator: "\n").map { "          \($0)" }.joined(separator: "\n"))
                - {name: nginx runs, systemd: {name: nginx, state: started, enabled: true}}
            """
        let inventory = try String(contentsOf: lab.folder.appendingPathComponent("inventory/lab.yml"), encoding: .utf8)
        let service = try String(contentsOf: lab.folder.appendingPathComponent("drover.yml"), encoding: .utf8)
            .replacing("  config: /etc/haproxy/pools/ledger.cfg", with: "  driver: nginx")
            .replacing("balancers: lb", with: "balancers: ngx")
            .replacing("inventory/lab.yml", with: "inventory/nginx.yml")
            .replacing("playbooks/site.yml", with: "playbooks/nginx.yml")
            .replacing("expect: 200}", with: "expect: 200, port: 8088}")
        for (name, text) in [
            "playbooks/nginx.yml": playbook, "nginx.yml": service,
            "inventory/nginx.yml": inventory + "\n    ngx: {hosts: {lb2: {}}}\n",
        ] {
            try text.write(to: lab.folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }

    @Test func nginxBalancesWithoutAFailedRequest() async throws {
        let lab = try FaultLab.shared
        try await withNginx(lab)
        let nginx = ["--service", "nginx.yml"]
        let url = "http://\(lab.address(of: "lb2")):8088/"
        let apply = try await lab.drover.run(["apply", "lab"] + nginx)
        #expect(apply.status == 0, "\(apply.errors)")
        let verify = try await lab.drover.run(["pool", "verify", "lab"] + nginx)
        #expect(verify.status == 0, "\(verify.output)\(verify.errors)")
        let doctor = try await lab.drover.run(["doctor", "lab"] + nginx)
        #expect(doctor.status == 0, "\(doctor.output)\(doctor.errors)")
        let (name, file) = try await other(lab)
        let bad = try await lab.build("ill", .unhealthy)
        let (ends, load) = try await lab.counting(at: [url]) {
            let good = try await lab.drover.run(["rollout", "lab", file] + nginx)
            let refused = try await lab.drover.run(["rollout", "lab", bad] + nginx)
            return (good, refused)
        }
        #expect(ends.0.status == 0, "\(ends.0.errors)")
        #expect(ends.1.status == 3, "\(ends.1.errors)")
        #expect(load.failed.isEmpty && load.sent > 100, "\(load.failed)")
        #expect(Set(try await lab.runningBuilds().values) == [name])

        // One leaves: what is planned is what the file then says.
        let line = "    server \(lab.address(of: "ap3")):8080; # ap3"
        let without: @Sendable (String) -> String = { $0.replacing(/\n *ap3: [^\n]*/, with: "") }
        try await lab.withEdited("inventory/nginx.yml", without) {
            let plan = try await lab.drover.run(["plan", "lab"] + nginx)
            #expect(plan.output.contains("lb2: 3 in service\n  ap3 leaves: 2 in service\n"), "\(plan.output)")
            #expect(plan.output.contains("-\(line)\n"), "\(plan.output)")
            let (gone, load) = try await lab.counting(at: [url]) { try await lab.drover.run(["apply", "lab"] + nginx) }
            #expect(gone.status == 0, "\(gone.errors)")
            #expect(load.failed.isEmpty, "\(load.failed)")
            let text = try await lab.on("lb2", "cat /etc/nginx/conf.d/drover-ledger.conf").output
            #expect(!text.contains("# ap3"))
        }
        // What somebody reloads by hand is seen, and what does not run is said.
        try await lab.on("lb2", "sed -i 's/:8080; # ap1/:8080 down; # ap1/' /etc/nginx/conf.d/drover-ledger.conf")
            .succeeded()
        let changed = try await lab.drover.run(["pool", "verify", "lab"] + nginx)
        #expect(changed.status == 1, "\(changed.output)")
        let back = try await lab.drover.run(["apply", "lab"] + nginx)
        #expect(back.status == 0, "\(back.errors)")
        try await lab.on("lb2", "systemctl disable --now nginx").succeeded()
        let silent = try await lab.drover.run(["status", "lab"] + nginx)
        #expect(silent.output.contains("no balancer can be asked"), "\(silent.output)")
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole(build: name)
    }
}
