import Fleet
import Foundation
import TestSupport

/// This machine as a host, with programs of the test's own before the machine's.
struct LocalHostTransport: Transport {
    let shell: LocalShellTransport
    let programs: URL

    var host: HostName { shell.host }

    func run(_ command: RemoteCommand, outputLimit: ByteCount) async throws(TransportError) -> CommandResult {
        var command = command
        command.shellLine = "PATH=\(programs.path):/usr/bin:/bin; export PATH\n" + command.shellLine
        return try await shell.run(command, outputLimit: outputLimit)
    }

    func upload(
        _ localFile: String, to path: String, mode: UInt16, privilege: Privilege
    ) async throws(TransportError) {
        do {
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
            try FileManager.default.copyItem(atPath: localFile, toPath: path)
            try FileManager.default.setAttributes([.posixPermissions: Int(mode)], ofItemAtPath: path)
        } catch {
            throw TransportError(.uploadFailed, host: host, "\(error)")
        }
    }

    func close() async {}
}
