import CLibSSH2
import Fleet

/// One libssh2 call, repeated until it is through.
final class PendingCall: Pollable {
    enum Outcome: Sendable {
        case code(Int)
        case expired
        case lost(TransportError)
    }

    private let handle: SessionHandle
    private let call: () -> Int
    private var continuation: CheckedContinuation<Outcome, Never>?

    init(_ handle: SessionHandle, _ call: @escaping () -> Int, _ continuation: CheckedContinuation<Outcome, Never>) {
        (self.handle, self.call, self.continuation) = (handle, call, continuation)
    }

    func step() -> StepResult {
        guard continuation != nil else { return .finished }
        let code = call()
        if code == Int(LIBSSH2_ERROR_EAGAIN) {
            if case .sendBlocked = handle.result(of: code) { return .sendBlocked }
            return .waiting
        }
        settle(.code(code))
        return .finished
    }

    func expire() { settle(.expired) }

    func abort(_ error: TransportError) { settle(.lost(error)) }

    private func settle(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }
}
