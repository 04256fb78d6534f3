import Fleet

/// Asks the gates that a stage names: over HTTP through its balancers, on the hosts themselves, and by commands on this
/// machine.
struct StageGates: Sendable {
    let site: StageSite
    let build: BuildDigest
    /// Asks a host over the connection there is, so that its port need not be open to this machine.
    let releases: any ReleaseControl
    let web: any WebClient

    /// The stage's gates, ready to be asked.
    var gates: [Gate] {
        site.stage.gates.map { gate in
            switch gate {
            case .http(let path, let expect, let port, let timeout):
                Gate(name: gate.name, watching: .throughout) { _ in await ask(path, expect, port, timeout) }
            case .host(let path, let expect, let port):
                Gate(name: gate.name, watching: .throughout) { hosts in await ask(hosts, path, expect, port) }
            case .command(let line, let timeout):
                Gate(name: gate.name, watching: .atTheEnd) { hosts in await run(line, timeout, hosts) }
            }
        }
    }

    private func ask(
        _ path: String, _ expect: Int, _ port: Int, _ timeout: Duration
    ) async -> (Verdict, reason: String) {
        for address in site.balancerAddresses {
            let request = WebRequest(address: address, port: port, path: path, timeout: timeout)
            let answer = await web.ask(request)
            guard case .status(expect, _) = answer else { return (.fail, "\(request.url) gives \(answer)") }
        }
        return (.pass, "\(expect) through \(site.balancerAddresses.count.of("balancer"))")
    }

    /// A host that does not answer at all is told by its confirmation, which knows the budget.
    private func ask(_ hosts: [HostName], _ path: String, _ expect: Int, _ port: Int?) async -> (
        Verdict, reason: String
    ) {
        var asked = 0
        for host in hosts {
            // Nobody says that a host of a tier without a port listens anywhere.
            guard let usual = site.port(of: host) else { continue }
            let port = port ?? usual
            asked += 1
            let answer: String
            do throws(RolloutError) {
                answer = try await releases.get(path, port: port, on: host)
            } catch {
                if error.code == .unreachable { continue }
                return (.fail, "\(host): \(error.message)")
            }
            let status = answer.prefix { $0.isASCII && $0.isNumber }
            guard Int(status) == expect else { return (.fail, "GET \(path) at \(host):\(port) gives \(answer)") }
        }
        return (.pass, asked == 0 ? "no host of the batch takes requests" : "\(expect) on \(asked.of("host"))")
    }

    private func run(_ line: String, _ timeout: Duration, _ hosts: [HostName]) async -> (Verdict, reason: String) {
        let members = site.pool.members.filter { hosts.contains($0.host) }.map(\.address)
        return await CommandGate(
            line: line, folder: site.file.folder,
            environment: [
                "DROVER_STAGE": site.stage.name, "DROVER_BUILD": build.file.description,
                "DROVER_HOSTS": members.joined(separator: " "),
                "DROVER_BALANCERS": site.balancerAddresses.joined(separator: " "),
            ], timeout: timeout
        ).ask()
    }
}
