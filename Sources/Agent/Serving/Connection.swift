import Glibc

/// One connection: reads a request, writes an answer, and waits for the other side to close, all within its time.
final class Connection {
    let descriptor: Int32
    let service: Service
    let isLocal: Bool
    /// By the clock of ``Ticker/now``.
    let deadline: Double
    private var input: [UInt8] = []
    private var output: ArraySlice<UInt8> = []
    private var state: State

    private enum State {
        case reading
        case writing
        /// All is written; closing now could throw away what is still under way.
        case lingering
        case done
    }

    /// Bytes of a request at most.
    private static let longest = 4096

    init(_ descriptor: Int32, for service: Service, isLocal: Bool, deadline: Double) {
        (self.descriptor, self.service, self.isLocal, self.deadline) = (descriptor, service, isLocal, deadline)
        state = .reading
    }

    deinit { close(descriptor) }

    var isDone: Bool {
        if case .done = state { return true }
        return false
    }

    /// What `poll` is to wait for.
    var interest: Int16 {
        if case .writing = state { return Int16(POLLOUT) }
        return Int16(POLLIN)
    }

    /// Goes on as far as it does not have to wait; `answer` makes the answer to a request.
    func proceed(_ answer: (PageRequest) -> [UInt8]) {
        if case .reading = state { receive(answer) }
        if case .writing = state { transmit() }
        if case .lingering = state { drain() }
    }

    /// Sends this without waiting for a request.
    func send(_ bytes: [UInt8]) {
        output = bytes[...]
        state = .writing
        transmit()
    }

    private func receive(_ answer: (PageRequest) -> [UInt8]) {
        var chunk = [UInt8](repeating: 0, count: 1024)
        while case .reading = state {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                state = .done
                return
            }
            input.append(contentsOf: chunk[..<count])
            if let request = PageRequest(input, tooLong: input.count > Self.longest) { send(answer(request)) }
        }
    }

    private func transmit() {
        while !output.isEmpty {
            let count = output.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else {
                state = .done
                return
            }
            output = output.dropFirst(count)
        }
        shutdown(descriptor, Int32(SHUT_WR))
        state = .lingering
    }

    private func drain() {
        var chunk = [UInt8](repeating: 0, count: 1024)
        for _ in 0..<16 {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            if count <= 0 { break }
        }
        state = .done
    }
}
