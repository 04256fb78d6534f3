import Fleet
import Foundation
import FoundationNetworking
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
            case .http(let path, let expect, let port):
                Gate(name: gate.name, watching: .throughout) { _ in await ask(path, expect, port) }
            case .command(let line, let timeout):
                Gate(name: gate.name, watching: .atTheEnd) { hosts in await run(line, timeout, hosts) }
            }
        }
    }

    private func ask(_ path: String, _ expect: Int, _ port: Int) async -> (Verdict, reason: String) {
        for address in site.balancerAddresses {
            let url = "http://\(address.contains(":") ? "[\(address)]" : address):\(port)\(path)"
            let found = await HTTPProbe.status(of: url)
            guard found == .success(expect) else { return (.fail, "\(url) gives \(found.summary)") }
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

/// Asks for a page.
enum HTTPProbe {
    enum Answer: Equatable {
        case success(Int)
        case failure(String)

        var summary: String {
            switch self {
            case .success(let status): "\(status)"
            case .failure(let reason): reason
            }
        }
    }

    /// The status of one GET, given 5 seconds.
    static func status(of url: String) async -> Answer {
        guard let address = URL(string: url) else { return .failure("no valid address") }
        var request = URLRequest(url: address, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: 5)
        request.setValue("drover", forHTTPHeaderField: "User-Agent")
        do {
            let (_, response) = try await session.data(for: request)
            return (response as? HTTPURLResponse).map { .success($0.statusCode) } ?? .failure("no HTTP answer")
        } catch {
            return .failure((error as NSError).localizedDescription)
        }
    }

    private static let session = URLSession(configuration: .ephemeral)
}
