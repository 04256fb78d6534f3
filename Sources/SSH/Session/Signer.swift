import CLibSSH2
import Glibc
import Synchronization

/// What signs for a login, from libssh2's callback. It may not wait there: an agent asks its user, or hangs, while other
/// hosts share the thread. libssh2 asks again for the same signature as long as it is told to.
final class Signer: Sendable {
    private enum State {
        case unasked, asked
        case answered([UInt8]?)
    }

    private let state = Mutex(State.unasked)
    private let ask: @Sendable ([UInt8]) -> [UInt8]?
    /// Called from any thread once an answer is there; `nil` for a signer that answers at once.
    private let answered: (@Sendable () -> Void)?

    /// Signs in this process.
    init(_ key: PrivateKey) {
        (ask, answered) = ({ key.sign($0) }, nil)
    }

    /// Lets an agent sign with a key, and calls `answered` when it has.
    init(_ agent: KeyAgent, _ key: [UInt8], answered: @escaping @Sendable () -> Void) {
        (ask, self.answered) = ({ agent.sign($0, with: key) }, answered)
    }

    fileprivate enum Answer {
        case later
        case signature([UInt8]?)
    }

    /// The signature of `data`, which is the same at each call.
    fileprivate func signature(of data: [UInt8]) -> Answer {
        guard let answered else { return .signature(ask(data)) }
        let isFirst = state.withLock { state in
            guard case .unasked = state else { return false }
            state = .asked
            return true
        }
        if isFirst {
            offTheLoop { [self] in
                let signature = ask(data)
                state.withLock { $0 = .answered(signature) }
                answered()
            }
        }
        return state.withLock { if case .answered(let signature) = $0 { .signature(signature) } else { .later } }
    }
}

/// libssh2's callback; its context is a ``Signer``.
func sign(
    _ session: OpaquePointer?, _ signature: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?,
    _ signatureLength: UnsafeMutablePointer<Int>?, _ data: UnsafePointer<UInt8>?, _ length: Int,
    _ context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> Int32 {
    guard let box = context?.pointee, let data else { return -1 }
    let signer = Unmanaged<Signer>.fromOpaque(box).takeUnretainedValue()
    switch signer.signature(of: Array(UnsafeBufferPointer(start: data, count: length))) {
    case .later: return LIBSSH2_ERROR_EAGAIN
    case .signature(let bytes):
        guard let bytes, let copy = malloc(max(1, bytes.count)) else { return -1 }
        copy.copyMemory(from: bytes, byteCount: bytes.count)
        // libssh2 frees it with free(3), the allocator that the session was made with.
        signature?.pointee = copy.assumingMemoryBound(to: UInt8.self)
        signatureLength?.pointee = bytes.count
        return 0
    }
}
