public import Fleet

/// What Drover asks of a balancer with nginx: how it is looked at, and what is made of the answers. Pure.
struct NginxContract {
    let pool: Pool
    let installation: NginxInstallation
    let host: HostName

    private var folder: String { pool.configFile.split(separator: "/").dropLast().map { "/" + $0 }.joined() }

    /// Prints the parts that ``findings(_:)`` reads. Changes nothing.
    var words: [String] {
        [
            "sh", "-c", Self.script, "drover", installation.program, pool.configFile, installation.unit, pool.name,
            folder,
        ]
    }

    private static let script = #"""
        echo "== program"; if [ -x "$1" ]; then "$1" -v 2>&1 | head -n 1; fi
        echo "== perl"; command -v perl
        echo "== enabled"; systemctl is-enabled "$3" 2>/dev/null
        echo "== active"; systemctl is-active "$3" 2>/dev/null
        echo "== file"; if [ -e "$2" ]; then echo there; fi
        if [ -x "$1" ]; then
          whole=$("$1" -T 2>/dev/null)
          echo "== check"; "$1" -t -q 2>&1 | head -n 3
          echo "== read"; printf '%s\n' "$whole" | sed -n 's/^# configuration file \(.*\):$/\1/p'
          echo "== includes"; printf '%s\n' "$whole" | sed -n 's/^[[:space:]]*include[[:space:]]\{1,\}\(.*\);.*/\1/p'
          echo "== uses"; printf '%s\n' "$whole" | grep -oE "_pass[[:space:]]+(https?://)?[^;/[:space:]]+" | sed 's,.*[[:space:]/],,'
        fi
        true
        """#

    /// What the answers come to.
    func findings(_ answer: SectionedAnswer) -> [ContractFinding] {
        guard let version = answer["program"].first else {
            return [
                finding(
                    .balancer, .faulty, "there is no \(installation.program)",
                    ["have the playbook install it: apt: {name: nginx, state: present}"])
            ]
        }
        return [
            finding(
                .balancer, .fine,
                version.split(separator: ":").last.map { $0.drop { $0 == " " } }.map(String.init) ?? version),
            programs(answer), service(answer), include(answer), frontend(answer),
        ]
    }

    private func finding(
        _ subject: ContractFinding.Subject, _ state: ContractFinding.State, _ says: String, _ remedies: [String] = []
    ) -> ContractFinding { ContractFinding(host, subject, state, says, remedies) }

    private func programs(_ answer: SectionedAnswer) -> ContractFinding {
        answer["perl"].isEmpty
            ? finding(
                .programs, .faulty, "perl is missing, which asks nginx and members", ["apt-get install perl-base"])
            : finding(.programs, .fine, "all there")
    }

    private func service(_ answer: SectionedAnswer) -> ContractFinding {
        let (active, enabled) = (answer["active"].first ?? "unknown", answer["enabled"].first ?? "unknown")
        let unit = installation.unit
        if let fault = answer["check"].first {
            return finding(
                .service, .faulty, "nginx would not start: \(fault)", ["mend its files until 'nginx -t' passes"])
        }
        if active != "active" {
            return finding(.service, .faulty, "\(unit) is \(active)", ["systemctl enable --now \(unit)"])
        }
        guard enabled == "enabled" else {
            return finding(
                .service, .doubtful, "\(unit) is \(enabled): it does not start with the host",
                ["systemctl enable \(unit)"])
        }
        return finding(.service, .fine, "runs, and starts with the host")
    }

    private func include(_ answer: SectionedAnswer) -> ContractFinding {
        let isRead = answer["read"].contains(pool.configFile)
        let isIncluded = answer["includes"].contains {
            $0 == "\(folder)/*.conf" || $0 == pool.configFile || $0 == "\(folder)/*"
        }
        if isRead || answer["file"].isEmpty && isIncluded {
            return finding(.include, .fine, "reads \(pool.configFile)")
        }
        return finding(
            .include, .faulty, "nginx does not read \(pool.configFile)",
            [
                "write below 'http {' in \(installation.folder)/nginx.conf: include \(folder)/*.conf;",
                "then: install -d \(folder) && systemctl reload \(installation.unit)",
            ])
    }

    private func frontend(_ answer: SectionedAnswer) -> ContractFinding {
        if answer["uses"].contains(where: { $0 == pool.name || $0.contains("$") }) {
            return finding(.frontend, .fine, "sends requests to \(pool.name)")
        }
        return finding(
            .frontend, .faulty, "no server sends requests to \(pool.name)",
            ["write in a 'location' of a 'server': proxy_pass http://\(pool.name);"])
    }
}

extension NginxTraffic {
    /// Looks at each balancer's files and service; see ``TrafficControl``.
    public func examine() async -> [ContractFinding] {
        await findings()
    }
}

extension NginxConsole {
    /// Looks at the balancer. Changes nothing.
    func examine() async throws(TrafficError) -> [ContractFinding] {
        let contract = NginxContract(pool: pool, installation: installation, host: host)
        let command = RemoteCommand(contract.words, privilege: privilege, deadline: timings.answer + .seconds(20))
        return contract.findings(SectionedAnswer(try await run(command).text))
    }
}
