import Fleet

/// How far one attempt at something went, on a descriptor that never blocks.
enum IOResult {
    /// Done; for a transfer, so many bytes.
    case done(Int)
    /// Nothing more until something arrives.
    case waiting
    /// Part of a packet is on its way: nothing else may be sent on the connection before the same call has been repeated.
    case sendBlocked
    /// The stream has ended.
    case ended
    /// It can't be done, and why.
    case failed(String)
}

/// One of the streams that a shell writes.
typealias ShellStream = CommandStream

/// How a shell's process ended: 128 + N for signal N, `nil` when nobody knows.
struct ShellExit: Equatable {
    var status: Int32?
}

/// The three streams of a shell, over whatever carries them. Used on one loop's thread.
protocol ShellPort: AnyObject {
    /// Goes on with starting the shell; `.done` once it runs or nothing is left to send for that.
    func start() -> IOResult
    func write(_ bytes: UnsafeRawBufferPointer) -> IOResult
    func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> IOResult
    /// Asks how the shell ended, after both streams have.
    func exit(_ exit: inout ShellExit) -> IOResult
    /// Gives up the streams; `.done` when nothing is left to do.
    func close() -> IOResult
}

extension ShellPort {
    /// Takes all that a stream holds now.
    ///
    /// - Parameters:
    ///   - buffer: Where each part stands while it is taken.
    ///   - take: Is given every byte that was read, in order.
    /// - Returns: Why there is nothing more.
    func drain(
        _ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void
    ) -> IOResult {
        while true {
            let result = read(stream, into: buffer)
            guard case .done(let count) = result else { return result }
            take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

/// Something that goes forward when a connection is ready. Used on one loop's thread.
protocol Pollable: AnyObject {
    func step() -> StepResult
    /// The connection is gone.
    func abort(_ error: TransportError)
}

enum StepResult {
    /// Nothing to do until something arrives.
    case waiting
    /// Did something, and may be able to do more.
    case progressed
    /// As ``IOResult/sendBlocked``.
    case sendBlocked
    /// Never needs another step.
    case finished
}
