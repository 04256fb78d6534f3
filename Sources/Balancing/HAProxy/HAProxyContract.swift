public import Fleet

/// What Drover asks of a balancer with HAProxy: how it is looked at, and what is made of the answers. Pure.
struct HAProxyContract {
    let pool: Pool
    let installation: HAProxyInstallation
    let host: HostName

    private var folder: String { pool.configFile.split(separator: "/").dropLast().map { "/" + $0 }.joined() }

    // MARK: asking

    /// Prints the parts that ``findings(_:)`` reads. Changes nothing.
    var words: [String] {
        ["sh", "-c", Self.script, "drover", installation.program, folder, pool.configFile, pool.socket]
    }

    private static let script = #"""
        echo "== program"; if [ -x "$1" ]; then "$1" -v 2>&1 | head -n 1; fi
        echo "== perl"; command -v perl
        echo "== enabled"; systemctl is-enabled haproxy 2>/dev/null
        echo "== active"; systemctl is-active haproxy 2>/dev/null
        pid=$(systemctl show --property=MainPID --value haproxy 2>/dev/null)
        echo "== words"; tr '\0' '\n' <"/proc/${pid:-0}/cmdline" 2>/dev/null
        echo "== options"; grep -s '^EXTRAOPTS=' /etc/default/haproxy
        echo "== folder"; if [ -d "$2" ]; then echo there; fi
        echo "== file"; if [ -e "$3" ]; then echo there; fi
        echo "== socket"; if [ -S "$4" ]; then echo there; fi
        echo "== level"
        if [ -S "$4" ] && command -v perl >/dev/null; then
          perl -MIO::Socket::UNIX -e 'alarm 5; my $s = IO::Socket::UNIX->new(Peer => shift) or die "$!\n";
            print $s "show cli level\n"; $s->shutdown(1); print while <$s>' "$4" 2>&1
        fi
        files=$(tr '\0' '\n' <"/proc/${pid:-0}/cmdline" 2>/dev/null | sed -n '/^-f$/{n;p}')
        [ -n "$files" ] || files=/etc/haproxy/haproxy.cfg
        set -- "$1" "$2" "$3" "$4" $files
        program=$1; shift 4
        echo "== uses"
        for place in "$@"; do
          if [ -d "$place" ]; then cat "$place"/*.cfg 2>/dev/null; else cat "$place" 2>/dev/null; fi
        done | sed -n 's/^[[:space:]]*\(default_backend\|use_backend\|listen\)[[:space:]]\{1,\}\([^[:space:]]*\).*/\2/p'
        echo "== check"
        arguments=; for place in "$@"; do arguments="$arguments -f $place"; done
        if [ -x "$program" ]; then "$program" -c $arguments 2>&1 | grep -m 3 ALERT; fi
        true
        """#

    // MARK: judging

    /// What the answers come to.
    func findings(_ answer: SectionedAnswer) -> [ContractFinding] {
        guard let version = answer["program"].first else {
            return [
                finding(
                    .balancer, .faulty, "there is no \(installation.program)",
                    ["have the playbook install it: apt: {name: haproxy, state: present}"])
            ]
        }
        return [
            balancer(version), programs(answer), service(answer), include(answer), socket(answer), frontend(answer),
        ]
    }

    private func finding(
        _ subject: ContractFinding.Subject, _ state: ContractFinding.State, _ says: String, _ remedies: [String] = []
    ) -> ContractFinding { ContractFinding(host, subject, state, says, remedies) }

    private func balancer(_ line: String) -> ContractFinding {
        let number = line.split(separator: " ").drop { $0 != "version" }.dropFirst().first ?? "?"
        let parts = number.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        guard parts.count == 2 else { return finding(.balancer, .doubtful, "HAProxy of unknown version: \(line)") }
        guard (parts[0], parts[1]) >= (2, 4) else {
            return finding(
                .balancer, .faulty, "HAProxy \(number) is too old", ["install 2.4 or later: Debian 12 has 2.6"])
        }
        return finding(.balancer, .fine, "HAProxy \(number)")
    }

    private func programs(_ answer: SectionedAnswer) -> ContractFinding {
        answer["perl"].isEmpty
            ? finding(.programs, .faulty, "perl is missing, which talks to HAProxy", ["apt-get install perl-base"])
            : finding(.programs, .fine, "all there")
    }

    private func service(_ answer: SectionedAnswer) -> ContractFinding {
        let (active, enabled) = (answer["active"].first ?? "unknown", answer["enabled"].first ?? "unknown")
        if active != "active" {
            let alerts = answer["check"]
            return finding(
                .service, .faulty, "haproxy.service is \(active)" + (alerts.first.map { ": \($0)" } ?? ""),
                ["see 'journalctl -u haproxy', then: systemctl enable --now haproxy"])
        }
        if let alert = answer["check"].first {
            return finding(
                .service, .faulty, "it runs, and would not start again: \(alert)",
                [
                    "mend its files; they are checked by: haproxy -c \(files(answer).map { "-f \($0)" }.joined(separator: " "))"
                ])
        }
        guard enabled == "enabled" else {
            return finding(
                .service, .doubtful, "haproxy.service is \(enabled): it does not start with the host",
                ["systemctl enable haproxy"])
        }
        return finding(.service, .fine, "runs, and starts with the host")
    }

    /// The files and folders that the running process was given.
    private func files(_ answer: SectionedAnswer) -> [String] {
        let words = answer["words"]
        return words.indices.dropLast().filter { words[$0] == "-f" }.map { words[$0 + 1] }
    }

    private func include(_ answer: SectionedAnswer) -> ContractFinding {
        let read = files(answer).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if read.contains(folder) || read.contains(pool.configFile) {
            return answer["folder"].isEmpty
                ? finding(.include, .faulty, "\(folder) is not there", ["install -d \(folder)"])
                : finding(.include, .fine, "reads \(folder)")
        }
        let now = answer["options"].last.map { $0.dropFirst("EXTRAOPTS=".count).filter { !"\"'".contains($0) } } ?? ""
        if now.split(separator: " ").contains(Substring(folder)) {
            return finding(
                .include, .faulty, "HAProxy was started before /etc/default/haproxy named \(folder)",
                ["systemctl restart haproxy"])
        }
        let options = (now.isEmpty ? "" : "\(now) ") + "-f \(folder)"
        return finding(
            .include, .faulty, "HAProxy does not read \(folder): the pool would never run",
            [
                "write in /etc/default/haproxy: EXTRAOPTS=\"\(options)\"",
                "then: install -d \(folder) && systemctl restart haproxy",
            ])
    }

    private func socket(_ answer: SectionedAnswer) -> ContractFinding {
        let line = "write below 'global' in \(installation.mainFile): stats socket \(pool.socket) mode 660 level admin"
        let again = "then: systemctl reload haproxy"
        if answer["socket"].isEmpty {
            return finding(.socket, .faulty, "there is no socket \(pool.socket)", [line, again])
        }
        let level = answer["level"].first ?? ""
        if level == "admin" { return finding(.socket, .fine, "\(pool.socket), level admin") }
        if ["operator", "user"].contains(level) {
            return finding(.socket, .faulty, "\(pool.socket) is of level \(level), and admin is needed", [line, again])
        }
        return finding(
            .socket, .faulty, "\(pool.socket) does not answer: \(level.isEmpty ? "nothing is said" : level)",
            ["see 'systemctl status haproxy' on \(host)"])
    }

    private func frontend(_ answer: SectionedAnswer) -> ContractFinding {
        // A name may be made of variables: nobody can say what it comes to.
        if answer["uses"].contains(where: { $0 == pool.name || $0.contains("%[") }) {
            return finding(.frontend, .fine, "sends requests to \(pool.name)")
        }
        return finding(
            .frontend, .faulty, "no frontend sends requests to \(pool.name)",
            ["write below a 'frontend' in \(installation.mainFile): default_backend \(pool.name)"])
    }
}

extension HAProxyTraffic {
    /// Looks at each balancer's files, service and socket; see ``TrafficControl``.
    public func examine() async -> [ContractFinding] {
        await findings()
    }
}

extension BalancerConsole {
    /// Looks at the balancer. Changes nothing.
    func examine() async throws(TrafficError) -> [ContractFinding] {
        let contract = HAProxyContract(pool: pool, installation: installation, host: host)
        let command = RemoteCommand(contract.words, privilege: privilege, deadline: timings.answer + .seconds(20))
        do {
            return contract.findings(SectionedAnswer(try await transport.run(command, outputLimit: .mebibytes(4)).text))
        } catch { throw failure(.unreachable, error.message, hints: error.hints) }
    }
}
