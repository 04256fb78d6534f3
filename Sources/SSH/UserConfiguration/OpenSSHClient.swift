public import Fleet
import Foundation
import Synchronization

/// The installed OpenSSH client, asked what the user's settings for a host are.
///
/// It is not started for hosts that no configuration file says anything about, and once for all about which they say the
/// same.
public final class OpenSSHClient: OpenSSHSettings {
    /// Which files configure it.
    public enum Configuration: Hashable, Sendable {
        /// The user's and the system's.
        case usual
        /// This one alone.
        case file(String)
    }

    private struct Question: Hashable {
        /// A host's name, where what matters depends on it.
        var host: String?
        var concern: ClientConfiguration.Concern
        var user: String?
        var port: UInt16?
    }

    private let options: [String]
    private let configuration: ClientConfiguration
    private let home: String
    private let shells: [LocalTransport]
    private let answers = Mutex<[Question: Task<Result<ConnectionSettings, TransportError>, Never>]>([:])
    /// What it says where no file says anything.
    private let usual = Mutex<Task<Result<String, TransportError>, Never>?>(nil)
    private let turn = Atomic<Int>(0)
    private static let deadline: Duration = .seconds(10)

    /// A client that has been asked nothing yet.
    public init(_ configuration: Configuration = .usual) {
        home = ClientConfiguration.home
        self.configuration = ClientConfiguration(configuration, home: home)
        switch configuration {
        case .usual: options = []
        case .file(let path): options = ["-F", path]
        }
        let context = ConnectorContext(SSHSettings())
        shells = (0..<max(2, ProcessInfo.processInfo.activeProcessorCount)).compactMap { _ in
            // The name is one that a host may have.
            guard let name = try? HostName("localhost") else { return nil }
            let endpoint = Endpoint(host: name, connection: .local, address: "localhost")
            return LocalTransport(endpoint, context, on: LoopGroup.shared.next())
        }
    }

    /// Private keys that the files name, for whichever host, as they stand there.
    public var keyFiles: [String] { configuration.keys }

    /// What the user's settings say about `name`; `nil` when they say nothing.
    ///
    /// - Parameters:
    ///   - name: As it would stand after `ssh`.
    ///   - user: Who logs in, where that is settled; `Match` may ask.
    ///   - port: The port, where that is settled.
    ///   - host: The host that it is asked for.
    /// - Throws: ``TransportError`` `.unsupported` when `ssh` does not answer.
    public func settings(
        for name: String, user: String?, port: UInt16?, host: HostName
    ) async throws(TransportError) -> ConnectionSettings? {
        let concern = configuration.concern(for: name)
        let dependsOnSurroundings = configuration.dependsOnSurroundings(for: name)
        if concern == .none {
            var nothing = ConnectionSettings()
            nothing.dependsOnSurroundings = true
            return dependsOnSurroundings ? nothing : nil
        }
        let question = Question(host: concern == .own ? name : nil, concern: concern, user: user, port: port)
        let task = answers.withLock { answers in
            if let task = answers[question] { return task }
            // Shared by all who ask the same, so no caller's cancellation may end it.
            let task = Task.detached { await self.ask(question, about: name, host) }
            answers[question] = task
            return task
        }
        var settings = try await task.value.get()
        // Who was asked about may have been another one.
        if settings.address == name.lowercased() || !configuration.mayNameHost(name) { settings.address = nil }
        settings.dependsOnSurroundings = dependsOnSurroundings
        return settings
    }

    private func ask(
        _ question: Question, about name: String, _ host: HostName
    ) async -> Result<ConnectionSettings, TransportError> {
        let given =
            (question.user.map { ["-l", $0] } ?? []) + (question.port.map { ["-p", String($0)] } ?? [])
        do throws(TransportError) {
            let usual = try await usual(host).value.get()
            let text = try await output(options + given + ["--", name], host)
            return .success(ClientSettings.read(text, of: name, usual: usual, home: home))
        } catch {
            return .failure(error)
        }
    }

    private func usual(_ host: HostName) -> Task<Result<String, TransportError>, Never> {
        usual.withLock { usual in
            if let usual { return usual }
            let task = Task.detached {
                do throws(TransportError) {
                    return Result<_, TransportError>.success(try await self.output(["-F", "none", "usual"], host))
                } catch {
                    return .failure(error)
                }
            }
            usual = task
            return task
        }
    }

    private func output(_ words: [String], _ host: HostName) async throws(TransportError) -> String {
        let shell = shells[turn.wrappingAdd(1, ordering: .relaxed).newValue % shells.count]
        let result: CommandResult
        do throws(TransportError) {
            result = try await shell.run(
                RemoteCommand(["ssh", "-G"] + words, deadline: Self.deadline), outputLimit: .mebibytes(1))
        } catch {
            throw refusal(error.message, host)
        }
        guard result.status == 0 else {
            throw refusal(result.errorText.split(whereSeparator: \.isNewline).last.map(String.init) ?? "", host)
        }
        return result.text
    }

    private func refusal(_ reason: String, _ host: HostName) -> TransportError {
        TransportError(
            .unsupported, host: host, "ssh -G, asked for the user's settings, does not answer: \(reason)",
            hints: ["mend ~/.ssh/config, or leave it out with DROVER_SSH_CONFIG=none"])
    }
}
