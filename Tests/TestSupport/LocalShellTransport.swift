public import Fleet
import Foundation
import Subprocess

/// A host that is this machine: each command is a `/bin/sh` of its own, with the rights of the test.
public struct LocalShellTransport: Transport {
    /// The name it goes by.
    public let host: HostName

    /// This machine under the name `host`.
    public init(host: HostName) { self.host = host }

    /// Runs the command; its privilege is the test's own.
    public func run(
        _ command: RemoteCommand, outputLimit: ByteCount
    ) async throws(TransportError) -> CommandResult {
        let start = ContinuousClock.now
        do {
            // What `timeout` ends it tells by status 124, which no test's command ends with.
            let limit = String(max(1, command.deadline.components.seconds))
            let script = #"input=$1; shift; exec "$@" <"$input""#
            let result = try await withTemporaryFolder { folder in
                // In a file: a command may end before it has read all of a pipe.
                let input = folder.appendingPathComponent("input")
                try Data(command.input).write(to: input)
                return try await Subprocess.run(
                    .name("sh"),
                    arguments: [
                        "-c", script, "sh", input.path, "timeout", "-k", "1", limit, "sh", "-c", command.shellLine,
                    ],
                    input: .none, output: .bytes(limit: outputLimit.bytes), error: .bytes(limit: outputLimit.bytes))
            }
            // A cancelled program is ended by a signal, which would look like an answer.
            try Task.checkCancellation()
            if case .exited(124) = result.terminationStatus {
                throw TransportError(.timedOut, host: host, "command did not end within \(limit) s, and was ended")
            }
            return CommandResult(
                status: Self.status(result.terminationStatus), output: result.standardOutput,
                errors: result.standardError, elapsed: ContinuousClock.now - start)
        } catch let error as TransportError {
            throw error
        } catch {
            if Task.isCancelled { throw TransportError(.cancelled, host: host, "cancelled") }
            throw TransportError(.connectionLost, host: host, "\(error)")
        }
    }

    /// Not of this transport.
    public func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        throw TransportError(.unsupported, host: host, "uploads are not supported")
    }

    /// Nothing is open.
    public func close() async {}

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): Int32(code)
        case .signaled(let number): 128 + Int32(number)
        }
    }
}
