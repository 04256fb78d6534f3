public import Fleet
public import Foundation
import Synchronization

/// A private sshd on a free loopback port, with throw-away host and client keys, for the length of one test.
///
/// It runs as the user who tests, and lets that user in.
public final class ThrowawaySSHD: Sendable {
    /// Where it keeps its keys, configuration and log.
    public let folder: URL
    /// The port it listens on.
    public let port: UInt16
    private let process = Mutex<pid_t?>(nil)

    private let address: String

    private init(folder: URL, address: String, port: UInt16) {
        (self.folder, self.address, self.port) = (folder, address, port)
    }

    /// Runs `body` with a server, which has `settings` added to its sshd_config and `environment` to its environment.
    public static func with<Result>(
        _ settings: [String] = [], hostKeys: [String] = ["ed25519", "ecdsa"], address: String = "127.0.0.1",
        environment: [String: String] = [:], _ body: (ThrowawaySSHD) async throws -> Result
    ) async throws -> Result {
        try await withTemporaryFolder { folder in
            let server = try await start(in: folder, settings, hostKeys, address, environment)
            defer { server.stop() }
            return try await body(server)
        }
    }

    private static func start(
        in folder: URL, _ settings: [String], _ hostKeys: [String], _ address: String,
        _ environment: [String: String]
    ) async throws -> ThrowawaySSHD {
        try FileManager.default.createDirectory(atPath: "/run/sshd", withIntermediateDirectories: true)
        for type in hostKeys { try await makeKey(folder.appendingPathComponent("host_\(type)"), type) }
        for type in ["ed25519", "ecdsa"] { try await makeKey(folder.appendingPathComponent("client_\(type)"), type) }
        let clientKeys = try ["ed25519", "ecdsa"].map {
            try String(contentsOf: folder.appendingPathComponent("client_\($0).pub"), encoding: .utf8)
        }
        try clientKeys.joined().write(
            to: folder.appendingPathComponent("authorized_keys"), atomically: true, encoding: .utf8)
        // sshd reads the keys with the rights of whoever logs in.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        // Held by nobody once the listener is gone.
        let port = UInt16(try SilentListener().port)
        // Of these lines the last one counts.
        let limits = settings.contains { $0.hasPrefix("MaxStartups") } ? [] : ["MaxStartups 1000"]
        let lines =
            settings + [
                "Port \(port)", "ListenAddress \(address)", "AuthorizedKeysFile \(folder.path)/authorized_keys",
                "PidFile \(folder.path)/pid", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
                "PermitRootLogin yes", "LogLevel ERROR",
                // Its shells would read the tester's own .bashrc, which may take its time.
                "SetEnv HOME=\(folder.path)",
            ] + limits + hostKeys.map { "HostKey \(folder.path)/host_\($0)" }
        let configuration = folder.appendingPathComponent("sshd_config")
        try lines.joined(separator: "\n").write(to: configuration, atomically: true, encoding: .utf8)
        let variables = environment.map { "\($0.key)=\($0.value)" }
        let words =
            ["env"] + variables + [
                "/usr/sbin/sshd", "-f", configuration.path, "-E", folder.appendingPathComponent("log").path,
            ]
        let started = try await DroverProgram.run(words)
        guard started.status == 0 else { throw Fault(text: started.errors) }
        let server = ThrowawaySSHD(folder: folder, address: address, port: port)
        try await server.waitUntilListening()
        try server.writeKnownHosts(hostKeys)
        return server
    }

    private static func makeKey(_ file: URL, _ type: String) async throws {
        try await makeKey(file, options: ["-t", type])
    }

    private static func makeKey(_ file: URL, options: [String]) async throws {
        let made = try await DroverProgram.run(["ssh-keygen", "-q", "-N", "", "-f", file.path] + options)
        guard made.status == 0 else { throw Fault(text: made.errors) }
    }

    /// Makes a key as `options` of ssh-keygen say, and lets it in.
    /// - Returns: Its path.
    public func addClientKey(_ options: [String]) async throws -> String {
        let file = folder.appendingPathComponent("client_\(UUID().uuidString)")
        try await Self.makeKey(file, options: options)
        let known = folder.appendingPathComponent("authorized_keys")
        let own = try String(contentsOfFile: file.path + ".pub", encoding: .utf8)
        try (String(contentsOf: known, encoding: .utf8) + own).write(to: known, atomically: true, encoding: .utf8)
        return file.path
    }

    /// What went wrong in the fixture itself.
    public struct Fault: Error, CustomStringConvertible {
        let text: String
        /// The reason.
        public var description: String { text }
    }

    /// Connects until the server says its banner; it listens a moment after it was started.
    private func waitUntilListening() async throws {
        let script =
            "for i in $(seq 200); do (exec 3<>/dev/tcp/\(address)/\(port) && head -c 4 <&3) 2>/dev/null && exit 0; sleep 0.02; done; exit 1"
        let answer = try await DroverProgram.run(["bash", "-c", script])
        guard answer.status == 0 else { throw Fault(text: "sshd did not start: \(log)") }
        // sshd writes it before it takes the first connection.
        let number = try String(contentsOf: folder.appendingPathComponent("pid"), encoding: .utf8)
        process.withLock { $0 = pid_t(number.filter(\.isNumber)) }
    }

    /// What the server logged.
    public var log: String {
        (try? String(contentsOf: folder.appendingPathComponent("log"), encoding: .utf8)) ?? "no log"
    }

    /// What the server logged, once a line in it holds `text`; it logs a moment after it answers.
    public func log(with text: String) async throws -> String {
        let script = "for i in $(seq 250); do grep -qF -- \"$1\" \"$2\" && exit 0; sleep 0.02; done; exit 1"
        let file = folder.appendingPathComponent("log").path
        let found = try await DroverProgram.run(["bash", "-c", script, "bash", text, file])
        guard found.status == 0 else { throw Fault(text: "sshd never logged '\(text)': \(log)") }
        return log
    }

    /// How many logins it logged, once these are `count` or it has had its time; it logs a moment after it answers.
    public func logins(reaching count: Int) async throws -> Int {
        let script =
            "for i in $(seq 250); do [ $(grep -c 'Accepted publickey' \"$1\") -ge $2 ] && exit; sleep 0.02; done"
        let file = folder.appendingPathComponent("log").path
        _ = try await DroverProgram.run(["bash", "-c", script, "bash", file, String(count)])
        return log.components(separatedBy: "Accepted publickey").count - 1
    }

    private func writeKnownHosts(_ types: [String]) throws {
        let lines = try types.map { type in
            let key = try String(contentsOf: folder.appendingPathComponent("host_\(type).pub"), encoding: .utf8)
            return "[\(address)]:\(port) \(key)"
        }
        try lines.joined().write(toFile: knownHosts, atomically: true, encoding: .utf8)
    }

    /// A file with the server's keys.
    public var knownHosts: String { folder.appendingPathComponent("known_hosts").path }

    /// A client key's path.
    public func clientKey(_ type: String = "ed25519") -> String {
        folder.appendingPathComponent("client_\(type)").path
    }

    /// The server as an endpoint, with its keys known and the client's ed25519 key.
    public func endpoint(_ name: String = "throwaway") throws -> Endpoint {
        Endpoint(
            host: try HostName(name), address: address, port: port, identityFiles: [clientKey()],
            knownHostsFiles: [knownHosts])
    }

    /// The server as an endpoint where `user` logs in with a key.
    public func endpoint(for user: ThrowawayUser) throws -> Endpoint {
        var endpoint = try endpoint()
        endpoint.user = user.name
        return endpoint
    }

    /// A client key that `passphrase` opens; its path.
    ///
    /// - Parameter rounds: How slow opening it is made; ssh-keygen's own choice unless given.
    public func lockedKey(_ passphrase: String, rounds: Int = 16) async throws -> String {
        let path = folder.appendingPathComponent("locked").path
        try FileManager.default.copyItem(atPath: clientKey(), toPath: path)
        let made = try await DroverProgram.run(
            ["ssh-keygen", "-q", "-p", "-a", String(rounds), "-P", "", "-N", passphrase, "-f", path])
        guard made.status == 0 else { throw Fault(text: made.errors) }
        return path
    }

    /// Sends the listening process a signal; connections that were made go on.
    public func signal(_ number: Int32) {
        process.withLock { process in
            if let process { kill(process, number) }
        }
    }

    /// Lets the processes of sessions that begin from now on open so many files.
    public func limitDescriptors(to count: Int) async throws {
        _ = try await DroverProgram.run(["prlimit", "--nofile=\(count)", "--pid", String(listener)])
    }

    /// How many sessions go on.
    public func sessions() async throws -> Int {
        try await DroverProgram.run(["pgrep", "-P", String(listener)]).output.split(separator: "\n").count
    }

    /// Sends all sessions a signal, by its name; the listening process goes on.
    public func killSessions(_ signal: String) async throws {
        _ = try await DroverProgram.run(["pkill", "-\(signal)", "-P", String(listener)])
    }

    private var listener: pid_t { process.withLock { $0 ?? 0 } }

    /// Ends the listening process. Safe to repeat.
    public func stop() {
        process.withLock { process in
            if let process { kill(process, SIGTERM) }
            process = nil
        }
    }
}
