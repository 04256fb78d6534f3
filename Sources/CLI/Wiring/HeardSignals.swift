import Foundation
import Synchronization

/// SIGINT, SIGTERM and SIGHUP of this process, told to whoever listens. None is lost from the moment ``listen()`` returns,
/// however busy the machine is; while nobody listens they have their usual effect.
///
/// A `DispatchSource` of signals is registered some time after it was made, and until then a signal that is ignored is lost.
final class HeardSignals: Sendable {
    static let shared = HeardSignals()

    private let listeners = Mutex<[Int: AsyncStream<Int32>.Continuation]>([:])

    /// The signals that come from here on, until whoever reads them stops.
    func listen() -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream<Int32>.makeStream(bufferingPolicy: .bufferingNewest(4))
        let id = listeners.withLock { listeners in
            let id = (listeners.keys.max() ?? 0) + 1
            listeners[id] = continuation
            if listeners.count == 1 { SignalPipe.begin() }
            return id
        }
        continuation.onTermination = { [self] _ in
            listeners.withLock { listeners in
                listeners[id] = nil
                if listeners.isEmpty { SignalPipe.end() }
            }
        }
        SignalPipe.startReading { [self] in tell($0) }
        return stream
    }

    private func tell(_ number: Int32) {
        let isHeard = listeners.withLock { listeners in
            for listener in listeners.values { listener.yield(number) }
            return !listeners.isEmpty
        }
        guard !isHeard else { return }
        // It came when the last listener left.
        signal(number, SIG_DFL)
        kill(getpid(), number)
    }
}

/// The way from a signal's handler, which may do next to nothing, to a thread that may do everything.
private enum SignalPipe {
    /// Where handlers write the number of their signal.
    private nonisolated(unsafe) static var entrance: Int32 = -1
    // Written once, before the first handler that reads it is set.

    /// Where it is read; opens the pipe when first asked for. Without descriptors nothing else could be done either: then signals
    /// keep their usual effect.
    private static let exit: Int32 = {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return -1 }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait, however many signals nobody has read.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        entrance = ends[1]
        return ends[0]
    }()

    /// A program that was started to outlive its terminal (`nohup`) goes on when that is closed.
    private static let heard: [Int32] = {
        var action = sigaction()
        let isIgnored = sigaction(SIGHUP, nil, &action) == 0 && address(action) == unsafeBitCast(SIG_IGN, to: Int.self)
        return isIgnored ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
    }()

    private static func address(_ action: sigaction) -> Int {
        unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
    }

    static func begin() {
        guard exit >= 0 else { return }
        for number in heard {
            signal(number) { number in
                let before = errno
                var byte = UInt8(truncatingIfNeeded: number)
                _ = write(SignalPipe.entrance, &byte, 1)
                errno = before
            }
        }
    }

    static func end() { for number in heard { signal(number, SIG_DFL) } }

    /// Begins a thread that hands every signal to `tell`, the first time it is called.
    static func startReading(_ tell: @escaping @Sendable (Int32) -> Void) {
        let isFirst = isReading.withLock { isReading in
            defer { isReading = true }
            return !isReading
        }
        guard isFirst, exit >= 0 else { return }
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(exit, &byte, 1)
                if count == 1 { tell(Int32(byte)) } else if count == 0 || errno != EINTR { return }
            }
        }
    }

    private static let isReading = Mutex(false)
}
