import Fleet
import Foundation

/// One request on one connection, on the thread that calls it.
struct HTTPConversation {
    private let request: WebRequest
    private let end: ContinuousClock.Instant
    /// How much of an answer is read to find the end of its head.
    private static let limit = 65536

    init(_ request: WebRequest) {
        self.request = request
        end = ContinuousClock.now + request.timeout
    }

    /// Why it came to nothing.
    private struct Failure: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
        init(errno number: Int32) {
            let text = String(cString: strerror(number))
            reason = text.prefix(1).lowercased() + text.dropFirst()
        }
    }

    /// Gives the head of the answer.
    func hold() -> WebAnswer {
        switch held(answer) {
        case .success(let answer): answer
        case .failure(let failure): .failure(failure.reason)
        }
    }

    /// Gives the whole answer.
    func page() -> Result<WebPage, WebFailure> { held(page) }

    private func held<Answer>(_ read: (Int32) throws -> Answer) -> Result<Answer, WebFailure> {
        do {
            let socket = try connected()
            defer { close(socket) }
            try send(Array(request.head.utf8), to: socket)
            return .success(try read(socket))
        } catch let failure as Failure {
            return .failure(WebFailure(failure.reason, mayHaveArrived: true))
        } catch {
            return .failure(WebFailure("\(error)", mayHaveArrived: true))
        }
    }

    // MARK: connecting

    private func connected() throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(request.address, "\(request.port)", &hints, &found)
        guard status == 0 else {
            throw Failure("'\(request.address)' has no address: \(String(cString: gai_strerror(status)))")
        }
        defer { freeaddrinfo(found) }
        var failure = Failure("'\(request.address)' has no address")
        var next = found
        while let address = next {
            next = address.pointee.ai_next
            do { return try connected(to: address.pointee) } catch let error as Failure { failure = error }
        }
        throw failure
    }

    private func connected(to address: addrinfo) throws -> Int32 {
        let type = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, type, address.ai_protocol)
        guard descriptor >= 0 else { throw Failure(errno: errno) }
        do {
            if connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 {
                guard errno == EINPROGRESS else { throw Failure(errno: errno) }
                try wait(for: POLLOUT, on: descriptor, "no connection")
                var fault: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &size)
                guard fault == 0 else { throw Failure(errno: fault) }
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    /// Returns when `event` came, or something that the next call tells.
    private func wait(for event: Int32, on descriptor: Int32, _ lack: String) throws {
        while true {
            let left = (end - ContinuousClock.now).wholeMilliseconds
            guard left > 0 else { throw Failure("\(lack) within \(request.timeout.written)") }
            var waiting = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let count = poll(&waiting, 1, Int32(min(left, 60_000)))
            if count > 0 { return }
            if count < 0, errno != EINTR { throw Failure(errno: errno) }
        }
    }

    // MARK: talking

    private func send(_ bytes: [UInt8], to socket: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if sent >= 0 {
                rest = rest.dropFirst(sent)
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, on: socket, "no answer")
            } else if errno != EINTR {
                throw Failure(errno: errno)
            }
        }
    }

    private func answer(from socket: Int32) throws -> WebAnswer {
        var text: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while text.count < Self.limit {
            try wait(for: POLLIN, on: socket, "no answer")
            let count = recv(socket, &part, part.count, 0)
            if count > 0 {
                text += part[..<count]
                if let answer = HTTPHead(text).answer(isWhole: false) { return answer }
            } else if count == 0 {
                if text.isEmpty { throw Failure("the connection was closed without an answer") }
                break
            } else if errno != EINTR, errno != EAGAIN {
                throw Failure(errno: errno)
            }
        }
        guard let answer = HTTPHead(text).answer(isWhole: true) else { throw Failure("the answer is not HTTP") }
        return answer
    }

    /// How much of a page is taken.
    private static let pageLimit = 256 << 10

    /// Reads until the other side closes, or as much has come as the answer says that it has.
    private func page(from socket: Int32) throws -> WebPage {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < Self.pageLimit {
            try wait(for: POLLIN, on: socket, "no whole answer")
            let count = recv(socket, &part, part.count, 0)
            if count > 0 {
                bytes += part[..<count]
                if let page = WebPage(bytes), isWhole(page) { return page }
            } else if count == 0 {
                break
            } else if errno != EINTR, errno != EAGAIN {
                throw Failure(errno: errno)
            }
        }
        if bytes.isEmpty { throw Failure("the connection was closed without an answer") }
        guard let page = WebPage(bytes) else { throw Failure("the answer is not HTTP") }
        return page
    }

    private func isWhole(_ page: WebPage) -> Bool {
        if request.method == "HEAD" || page.status == 204 || page.status == 304 { return true }
        return page["Content-Length"].first.flatMap { Int($0) }.map { page.body.count >= $0 } ?? false
    }
}
