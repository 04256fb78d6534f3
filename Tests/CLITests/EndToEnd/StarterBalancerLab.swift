import TestSupport
import Testing

/// The balancer that `drover init` writes, on hosts that serve.
struct StarterBalancerLab: Sendable {
    let starter: Starter

    private var address: String { "\(starter.network).1.11" }

    func holds() async throws {
        try await aCertificateRedirects()
        try await noCertificateIsRefused()
    }

    private func type(_ lines: String) async throws -> Transcript { try await starter.type("cd hello\n" + lines) }

    private func aCertificateRedirects() async throws {
        let done = try await type(
            """
            mkdir -p playbooks/files
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hello \\
                -addext 'subjectAltName=IP:\(address)' -keyout key.pem -out crt.pem 2>/dev/null
            cat crt.pem key.pem >playbooks/files/hello.pem
            echo 'balancer_certificate: files/hello.pem' >>inventory/group_vars/all.yml
            drover apply staging
            curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' http://\(address)/a
            curl -s -o /dev/null -w '%{http_code} gate\\n' --user-agent drover http://\(address)/healthz
            curl -s --cacert crt.pem https://\(address)/
            drover lab exec -i inventory/staging.yml lb1 -- stat -c '%a %U:%G %n' /run/haproxy/admin.sock
            """)
        #expect(done.status == 0, "\(done.errors.suffix(3000))")
        let lines = done.output.split(separator: "\n")
        #expect(lines.contains("308 https://\(address)/a") && lines.contains("200 gate"), "\(done.output)")
        #expect(lines.contains { $0.hasPrefix("Hello from ap") })
        #expect(lines.contains { $0.hasSuffix("660 root:haproxy /run/haproxy/admin.sock") }, "\(done.output)")
    }

    private func noCertificateIsRefused() async throws {
        let refused = try await type(
            """
            sed -i '/^balancer_certificate/d' inventory/group_vars/all.yml
            sed -i '/balancer_self_signed/d' inventory/staging.yml
            drover plan staging && exit 1
            sed -i 's/^ *stage: .*/&\\n    balancer_self_signed: true/' inventory/staging.yml
            """)
        #expect(refused.status == 0, "\(refused.output.suffix(2000))")
        #expect((refused.output + refused.errors).contains("lb1 has no certificate: name a PEM file"), "\(refused)")
    }
}
