import Fleet
import Glibc

/// A command's end of what it says to a keeper about one host. Used on one loop's thread.
final class KeeperCall {
    /// What came of asking for a connection, or for anything else that is answered once.
    enum Outcome: Sendable {
        case answer(KeeperAnswer)
        /// There is no keeper, or it says nothing.
        case nobody
        /// The keeper was there, and is gone.
        case gone
    }

    typealias Result = Swift.Result<CommandResult, TransportError>

    private struct Work {
        let continuation: CheckedContinuation<Result, Never>
        let sink: OutputSink?
        let passed: (Int, Int) -> Void
        var timer: TriggerID?
    }

    private let port: FramePort
    private let loop: SessionLoop
    private let host: HostName
    private var asking: CheckedContinuation<Outcome, Never>?
    private var works: [Int: Work] = [:]
    private var lastNumber = 0
    private var patience: TriggerID?
    private var isThere = false
    /// How long a keeper may take to say its first word; nothing has been asked of a host before.
    private static let firstPatience: Duration = .seconds(5)
    /// How long a keeper may take to say that something is stopped. It keeps all other times itself, since a command may have
    /// to wait for others on its host.
    private static let grace: Duration = .seconds(60)

    init(_ descriptor: Int32, about host: HostName, on loop: SessionLoop) {
        port = FramePort(descriptor, on: loop)
        (self.loop, self.host) = (loop, host)
    }

    /// Whether anything can still be asked.
    var isAlive: Bool { port.isOpen }

    // MARK: The first question

    /// Asks for what is answered once.
    func ask(_ request: KeeperRequest, _ continuation: CheckedContinuation<Outcome, Never>) {
        asking = continuation
        port.receive = { [weak self] in self?.take($0) }
        port.ended = { [weak self] in self?.end() }
        patience = loop.after(Self.firstPatience) { [weak self] in self?.hangUp() }
        port.begin()
        say(request)
    }

    private func answer(_ outcome: Outcome) {
        asking?.resume(returning: outcome)
        asking = nil
    }

    // MARK: Work

    /// Asks for something to be done on the host.
    /// - Parameter request: Given the number that it has from now on.
    /// - Returns: The number.
    func begin(
        _ request: (Int) -> KeeperRequest, _ bytes: [UInt8] = [], handing sink: OutputSink? = nil,
        passed: @escaping (Int, Int) -> Void = { _, _ in },
        _ continuation: CheckedContinuation<Result, Never>
    ) -> Int {
        lastNumber += 1
        let number = lastNumber
        works[number] = Work(continuation: continuation, sink: sink, passed: passed)
        say(request(number), bytes)
        return number
    }

    /// Has the keeper stop something, and waits for its word that it is.
    func cancel(_ number: Int) {
        guard works[number] != nil else { return }
        watch(number, for: Self.grace)
        say(.cancel(number))
    }

    private func watch(_ number: Int, for time: Duration) {
        loop.drop(works[number]?.timer)
        works[number]?.timer = loop.after(time) { [weak self] in
            // One that says nothing any more is none.
            self?.hangUp()
        }
    }

    private func settle(_ number: Int, _ result: Result) {
        guard let work = works.removeValue(forKey: number) else { return }
        loop.drop(work.timer)
        work.continuation.resume(returning: result)
    }

    // MARK: Words

    private func say(_ request: KeeperRequest, _ bytes: [UInt8] = []) {
        // Names and numbers always encode.
        guard port.isOpen, let frame = try? KeeperFrame(request, bytes), frame.fits else { return hangUp() }
        port.send(frame)
    }

    private func take(_ frame: KeeperFrame) {
        guard let answer = frame.decoded(KeeperAnswer.self) else { return hangUp() }
        switch answer {
        case .here:
            isThere = true
            loop.drop(patience)
        case .opened, .refused, .connections, .closed: self.answer(.answer(answer))
        case .wrote(let number, let isErrors): works[number]?.sink?(isErrors ? .errors : .output, frame.bytes)
        case .passed(let number, let sent, let size): works[number]?.passed(sent, size)
        case .ended(let number, let status, let length, let elapsed):
            guard (0...frame.bytes.count).contains(length) else { return hangUp() }
            let (output, errors) = (Array(frame.bytes.prefix(length)), Array(frame.bytes.dropFirst(length)))
            settle(number, .success(CommandResult(status: status, output: output, errors: errors, elapsed: elapsed)))
        case .failed(let number, let error): settle(number, .failure(error.error))
        }
    }

    // MARK: Ends

    /// Ends the conversation, and with it what was begun. Safe to repeat.
    func hangUp() {
        guard port.isOpen else { return }
        port.close()
        end()
    }

    private func end() {
        loop.drop(patience)
        answer(isThere ? .gone : .nobody)
        for number in works.keys.sorted() {
            settle(
                number,
                .failure(
                    TransportError(
                        .connectionLost, host: host,
                        "the process that keeps connections ended, during a command",
                        hints: ["what the command had begun on the host was ended, or goes on"])))
        }
    }
}
