import Foundation

/// Runs `body` beside a Python program that listens, and says on which port.
func withProxyProgram<Result>(
    _ program: String, _ arguments: [String], _ body: (_ port: UInt16) async throws -> Result
) async throws -> Result {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-u", "-c", program] + arguments
    process.standardOutput = output
    try process.run()
    // A child may have inherited that SIGTERM is blocked.
    defer { kill(process.processIdentifier, SIGKILL) }
    let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = UInt16(said.filter(\.isNumber)) else { throw CocoaError(.executableLoad) }
    return try await body(port)
}
