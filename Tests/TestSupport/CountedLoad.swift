import Foundation
import Subprocess

/// A request that failed.
public struct FailedRequest: Sendable, Decodable, CustomStringConvertible {
    /// When it was sent, in milliseconds since 1970.
    public let at: Int64
    /// Address of the balancer it was sent to.
    public let balancer: String
    /// `GET` or `POST`.
    public let method: String
    /// What went wrong.
    public let reason: String
    /// The host that answered, if one did.
    public let node: String?
    /// The build that answered, if one did.
    public let build: String?
    /// How long it took.
    public let seconds: Double

    /// In one line.
    public var description: String {
        "\(at) \(method) \(balancer): \(reason) (\(node ?? "no node"), \(build ?? "no build"), \(seconds) s)"
    }
}

extension [FailedRequest] {
    /// Whether there is a moment at which all of them had been sent and none had failed.
    public var wereInFlightAtOnce: Bool {
        guard let last = map(\.at).max(), let end = map({ $0.at + Int64($0.seconds * 1000) }).min() else { return true }
        return last <= end
    }
}

/// What a counted load came to.
public struct LoadCount: Sendable {
    private struct Sums: Decodable {
        let sent: Int
        let builds: [String: Int]
        let slowest: Double
    }

    /// Requests that were answered or failed.
    public let sent: Int
    /// Those that failed.
    public let failed: [FailedRequest]
    /// How many requests each build answered.
    public let builds: [String: Int]
    /// Seconds that the slowest request took.
    public let slowest: Double

    init(lines: [String]) throws {
        let decoder = JSONDecoder()
        guard let last = lines.last else { throw UnexpectedEnd(description: "the load ended without its sums") }
        let sums = try decoder.decode(Sums.self, from: Data(last.utf8))
        (sent, builds, slowest) = (sums.sent, sums.builds, sums.slowest)
        failed = try lines.dropLast().map { try decoder.decode(FailedRequest.self, from: Data($0.utf8)) }
    }
}

extension FaultLab {
    /// Sends `rate` requests a second over both balancers, or to `others`, while `body` runs: half on kept connections, each tenth a POST.
    public func counting<Result: Sendable>(
        rate: Int = 100, at others: [String]? = nil, _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> (Result, LoadCount) {
        let script = DroverProgram.repository.appendingPathComponent("Tests/TestSupport/Ledger/load.py").path
        let run = try await Subprocess.run(
            .name("python3"), arguments: Arguments(["-u", script, String(rate)] + (others ?? urls)), input: .none,
            output: .sequence, error: .discarded
        ) { execution in
            var lines: [String] = []
            var work: Task<Result, any Error>?
            let process = execution.processIdentifier.value
            for try await line in execution.standardOutput.strings() {
                guard line == "ready" else {
                    lines.append(line)
                    continue
                }
                // Awaited below; the load ends when it has.
                work = Task {
                    defer { kill(process, SIGTERM) }
                    return try await body()
                }
            }
            guard let work else { throw UnexpectedEnd(description: "the load did not start") }
            return (try await work.value, lines)
        }
        let (result, lines) = run.closureResult
        return (result, try LoadCount(lines: lines))
    }
}
