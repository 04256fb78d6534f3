import Foundation
import Glibc
import Testing

/// The program, as the build made it.
final class AgentProcess {
    let process: Process
    let errors: Pipe

    /// Beside the tests' own program.
    static let path = URL(
        fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    )
    .deletingLastPathComponent().appendingPathComponent("drover-agent").path

    init(_ arguments: [String], output: Any = FileHandle.nullDevice) throws {
        process = Process()
        errors = Pipe()
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// What it wrote and how it ended.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let output = Pipe()
        let agent = try AgentProcess(arguments, output: output)
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = agent.errors.fileHandleForReading.readDataToEndOfFile()
        agent.process.waitUntilExit()
        return (
            agent.process.terminationStatus, String(decoding: text, as: UTF8.self),
            String(decoding: complaint, as: UTF8.self)
        )
    }
}

/// A client on plain sockets.
enum Dial {
    /// Connects to a port of this machine; a descriptor, or -1.
    static func connect(_ port: UInt16) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = loopback(port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return -1
        }
        return descriptor
    }

    /// All that is answered to `text`, until the other side ends.
    static func ask(_ port: UInt16, _ text: String) -> String? {
        let descriptor = connect(port)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
        return rest(of: descriptor)
    }

    static func rest(of descriptor: Int32) -> String {
        var (result, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 4096))
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else { break }
            result.append(contentsOf: chunk[..<count])
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

/// A folder for the length of one test.
final class HistoryPlace {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("agent-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
