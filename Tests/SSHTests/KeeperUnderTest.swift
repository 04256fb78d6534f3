import Fleet
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import SSH

/// A keeper of the process that tests, in a folder of its own.
final class KeeperUnderTest: Sendable {
    let place: KeeperPlace
    /// How often a keeper was started.
    let starts = Mutex(0)
    private let ends = Mutex<[Task<Void, Never>]>([])

    private init(in folder: URL) throws {
        place = try #require(KeeperPlace(environment: ["XDG_RUNTIME_DIR": folder.path], program: "a test"))
    }

    /// Runs `body` with the place of a keeper, which is started when it is needed, and waits for its end.
    static func with<Result>(_ body: (KeeperUnderTest) async throws -> Result) async throws -> Result {
        try await withTemporaryFolder { folder in
            let path = folder.path
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
            let keeper = try KeeperUnderTest(in: folder)
            do {
                let result = try await body(keeper)
                await keeper.end()
                return result
            } catch {
                await keeper.end()
                throw error
            }
        }
    }

    /// Takes its socket away, and waits until it has ended for that.
    func end() async {
        unlink(place.socket)
        for end in ends.withLock(\.self) { await end.value }
    }

    /// A connector as another command would have it.
    func connector(idle: Duration = .seconds(60), settings: SSHSettings = SSHSettings()) -> KeptConnector {
        let start = KeeperStart(place) { [self] listener, _ in
            guard let keeper = ConnectionKeeper(listener: dup(listener)) else { return false }
            starts.withLock { $0 += 1 }
            ends.withLock { $0.append(Task { await keeper.run() }) }
            return true
        }
        return KeptConnector(SSHConnector(settings: settings), start, idle: idle)
    }

    /// Does what one command does with one host.
    func command<Result>(
        to endpoint: Endpoint, idle: Duration = .seconds(60), _ body: (any Transport) async throws -> Result
    ) async throws -> Result {
        let connector = connector(idle: idle)
        do {
            let result = try await body(try await connector.transport(to: endpoint.underTest))
            await connector.closeAll()
            return result
        } catch {
            await connector.closeAll()
            throw error
        }
    }

    /// Waits until there are so many connections that nobody uses.
    func waitForIdle(_ count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while await idle() != count {
            guard .now < deadline else { throw TestFailure("there never were \(count) idle connections") }
        }
    }

    private func idle() async -> Int {
        let socket = UnixSocket.connected(to: place.socket)
        guard let socket else { return 0 }
        let answers = Conversation(socket)
        defer { answers.end() }
        answers.say(.list)
        while let (answer, _) = answers.next() {
            if case .connections(let all) = answer { return all.count { $0.idle != nil } }
        }
        return 0
    }
}

/// What a program says to a keeper that waits for every answer.
final class Conversation: Sendable {
    private let socket: Int32
    private let reader = Mutex(FrameReader())

    init(_ socket: Int32) {
        self.socket = socket
        _ = fcntl(socket, F_SETFL, 0)
    }

    func end() { close(socket) }

    func say(_ request: KeeperRequest, _ bytes: [UInt8] = []) {
        guard let frame = try? KeeperFrame(request, bytes) else { return }
        say(raw: frame.head + frame.bytes)
    }

    func say(raw bytes: [UInt8]) { _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// The next answer; `nil` when the keeper has hung up.
    func next() -> (KeeperAnswer, [UInt8])? {
        reader.withLock { reader in
            var buffer = [UInt8](repeating: 0, count: 65536)
            while true {
                if let frame = try? reader.next() {
                    guard let answer = frame.decoded(KeeperAnswer.self) else { return nil }
                    return (answer, frame.bytes)
                }
                let count = recv(socket, &buffer, buffer.count, 0)
                guard count > 0 else { return nil }
                buffer.withUnsafeBytes { reader.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            }
        }
    }
}
