import Foundation
import Subprocess

/// What a load counted.
public struct LoadReport: Sendable, Equatable {
    /// Requests that were answered or failed.
    public var sent = 0
    /// Those that failed, or were answered with other than 2xx or 3xx.
    public var failed = 0
    /// What went wrong, in the tool's words.
    public var faults: [String] = []
}

/// Sends requests at a steady rate to each URL while `body` runs, with `hey` from Debian's packages.
public func underLoad<Result: Sendable>(
    _ urls: [String], rate: Int, _ body: @Sendable @escaping () async throws -> Result
) async throws -> (Result, LoadReport) {
    try await withThrowingTaskGroup(of: LoadReport.self) { group in
        let (started, ready) = AsyncStream<Int32>.makeStream()
        for url in urls { group.addTask { try await send(to: url, rate: rate, announcing: ready) } }
        var senders: [Int32] = []
        for await sender in started {
            senders.append(sender)
            if senders.count == urls.count { break }
        }
        let result: Result
        do { result = try await body() } catch {
            for sender in senders { kill(sender, SIGKILL) }
            throw error
        }
        for sender in senders { kill(sender, SIGINT) }
        var total = LoadReport()
        for try await report in group { total = total + report }
        return (result, total)
    }
}

private func send(
    to url: String, rate: Int, announcing ready: AsyncStream<Int32>.Continuation
) async throws -> LoadReport {
    let workers = 5
    let result = try await Subprocess.run(
        .name("hey"), arguments: ["-z", "30m", "-c", "\(workers)", "-q", "\(rate / workers)", "-t", "30", url],
        input: .none, output: .sequence, error: .discarded
    ) { execution in
        ready.yield(execution.processIdentifier.value)
        var lines: [String] = []
        for try await line in execution.standardOutput.strings() { lines.append(line) }
        return lines
    }
    return LoadReport(hey: result.closureResult)
}

extension LoadReport {
    /// Reads the two distributions that `hey` ends its report with: `[200] 1234 responses`, `[3] Get …: refused`.
    init(hey lines: [String]) {
        var isError = false
        for line in lines {
            if line.hasPrefix("Status code distribution") { isError = false }
            if line.hasPrefix("Error distribution") { isError = true }
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, first.hasPrefix("["), first.hasSuffix("]"),
                let number = Int(first.dropFirst().dropLast())
            else { continue }
            if isError {
                sent += number
                failed += number
                faults.append(line)
            } else if words.count > 1, let count = Int(words[1]), words.last == "responses" {
                sent += count
                if !(200..<400).contains(number) {
                    failed += count
                    faults.append(line)
                }
            }
        }
    }

    static func + (left: Self, right: Self) -> Self {
        Self(sent: left.sent + right.sent, failed: left.failed + right.failed, faults: left.faults + right.faults)
    }
}
