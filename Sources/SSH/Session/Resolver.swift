import CLibSSH2
import Dispatch
import Fleet
import Glibc
import Synchronization

/// An address to connect to, as the kernel wants it.
struct SocketAddress: Sendable, CustomStringConvertible {
    let family: Int32
    fileprivate let bytes: [UInt8]
    /// `10.0.0.1:22` or `[fe80::1]:22`.
    let description: String

    /// Whether it is one that `family` means; all are where that is `nil`.
    func isOf(_ family: Endpoint.AddressFamily?) -> Bool {
        switch family {
        case nil: true
        case .inet: self.family == AF_INET
        case .inet6: self.family == AF_INET6
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: sockaddr_storage.self, capacity: 1) { storage in
            storage.initialize(repeating: sockaddr_storage())
            let raw = UnsafeMutableRawBufferPointer(storage)
            raw.copyBytes(from: bytes)
            guard let base = raw.baseAddress else { preconditionFailure("a temporary allocation has an address") }
            return body(UnsafePointer(base.assumingMemoryBound(to: sockaddr.self)), socklen_t(bytes.count))
        }
    }
}

/// Names to addresses. The system's resolver blocks, so it gets threads of its own, a few at most.
final class Resolver: Sendable {
    enum Answer: Sendable {
        case addresses([SocketAddress])
        /// Why there are none, in the system's words.
        case failure(String)
    }

    private let lookUps = AsyncSemaphore(8)
    private let queue = DispatchQueue(label: "drover.resolver", attributes: .concurrent)

    func addresses(of name: String, port: UInt16) async -> Answer {
        if case .addresses(let numeric) = lookUp(name, port, AI_NUMERICHOST.rawInt) { return .addresses(numeric) }
        guard let permit = await lookUps.acquire() else { return .failure("cancelled") }
        defer { permit.release() }
        let answer = FirstAnswer()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                answer.awaited(by: continuation)
                queue.async { answer.settle(lookUp(name, port, 0)) }
            }
        } onCancel: {
            // The system's resolver goes on by itself; nobody waits for it.
            answer.settle(.failure("cancelled"))
        }
    }

    /// Tells the first answer of several, once.
    private final class FirstAnswer: Sendable {
        private enum State {
            case nobodyWaits
            case awaited(CheckedContinuation<Answer, Never>)
            case settled(Answer)
        }

        private let state = Mutex(State.nobodyWaits)

        func awaited(by continuation: CheckedContinuation<Answer, Never>) {
            let answer: Answer? = state.withLock { state in
                if case .settled(let answer) = state { return answer }
                state = .awaited(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }

        func settle(_ answer: Answer) {
            let continuation: CheckedContinuation<Answer, Never>? = state.withLock { state in
                defer { if case .settled = state {} else { state = .settled(answer) } }
                if case .awaited(let continuation) = state { return continuation }
                return nil
            }
            continuation?.resume(returning: answer)
        }
    }
}

extension BinaryInteger {
    fileprivate var rawInt: Int32 { Int32(self) }
}

private func lookUp(_ name: String, _ port: UInt16, _ flags: Int32) -> Resolver.Answer {
    var hints = addrinfo()
    hints.ai_flags = flags
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, String(port), &hints, &list)
    guard code == 0 else { return .failure(String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = list
    while let entry = next?.pointee {
        if let address = SocketAddress(entry, port) { addresses.append(address) }
        next = entry.ai_next
    }
    return .addresses(addresses)
}

extension SocketAddress {
    fileprivate init?(_ entry: addrinfo, _ port: UInt16) {
        guard let address = entry.ai_addr else { return nil }
        var name = [CChar](repeating: 0, count: 256)
        getnameinfo(address, entry.ai_addrlen, &name, 256, nil, 0, NI_NUMERICHOST)
        let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        self.init(
            family: entry.ai_family,
            bytes: Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))),
            description: entry.ai_family == AF_INET6 ? "[\(text)]:\(port)" : "\(text):\(port)")
    }
}
