import Fleet
import Foundation
import Rollouts
import Subprocess

/// Asks the gates that a stage names: over HTTP through its balancers, and by commands on this machine.
struct StageGates: Sendable {
    let site: StageSite
    let build: BuildDigest

    /// The stage's gates, ready to be asked.
    var gates: [Gate] {
        site.stage.gates.map { gate in
            switch gate {
            case .http(let path, let expect, let port, let timeout):
                Gate(name: gate.name, watching: .throughout) { _ in await ask(path, expect, port, timeout) }
            case .command(let line, let timeout):
                Gate(name: gate.name, watching: .atTheEnd) { hosts in await run(line, timeout, hosts) }
            }
        }
    }

    private func ask(
        _ path: String, _ expect: Int, _ port: Int, _ timeout: Duration
    ) async -> (Verdict, reason: String) {
        for address in site.balancerAddresses {
            let probe = HTTPProbe(address: address, port: port, path: path, timeout: timeout)
            let found = await probe.ask()
            guard case .status(expect, _) = found else { return (.fail, "\(probe.url) gives \(found.summary)") }
        }
        return (.pass, "\(expect) through \(site.balancerAddresses.count) balancers")
    }

    /// 0 passes, 75 (`EX_TEMPFAIL`) had too little to judge by, anything else fails.
    private func run(_ line: String, _ timeout: Duration, _ hosts: [HostName]) async -> (Verdict, reason: String) {
        let members = site.pool.members.filter { hosts.contains($0.host) }.map(\.address)
        let environment: Subprocess.Environment = .inherit.updating([
            "DROVER_STAGE": site.stage.name, "DROVER_BUILD": build.description,
            "DROVER_HOSTS": members.joined(separator: " "),
            "DROVER_BALANCERS": site.balancerAddresses.joined(separator: " "),
        ])
        let seconds = max(1, Int(timeout.components.seconds))
        do {
            let result = try await Subprocess.run(
                .name("env"), arguments: ["-C", site.file.folder, "timeout", "\(seconds)", "/bin/sh", "-c", line],
                environment: environment, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
            let said = (result.standardOutput + result.standardError).split(separator: "\n").last.map(String.init)
            switch result.terminationStatus {
            case .exited(0): return (.pass, said ?? "exit status 0")
            case .exited(75): return (.insufficient, said ?? "exit status 75")
            case .exited(124): return (.fail, "not done after \(seconds) s")
            case let status: return (.fail, said ?? "\(status)")
            }
        } catch {
            return (.fail, "it cannot be run: \(error)")
        }
    }
}
