import Fleet
import Testing

@testable import SSH

/// What is read of a shell's streams while more arrives.
struct ShellPortTests {
    /// A port whose stream has the next part only after it has said once that there is none yet.
    private final class Trickle: ShellPort {
        private var results: [IOResult]
        private let parts: [UInt8]
        private var next = 0

        init(_ parts: String) {
            self.parts = Array(parts.utf8)
            results = self.parts.flatMap { _ in [IOResult.done(1), .waiting] } + [.ended]
        }

        func start() -> IOResult { .done(0) }
        func write(_ bytes: UnsafeRawBufferPointer) -> IOResult { .done(bytes.count) }
        func exit(_ exit: inout ShellExit) -> IOResult { .done(0) }
        func close() -> IOResult { .done(0) }

        func read(_ stream: ShellStream, into buffer: UnsafeMutableRawBufferPointer) -> IOResult {
            let result = results.removeFirst()
            if case .done = result {
                buffer[0] = parts[next]
                next += 1
            }
            return result
        }
    }

    @Test func whatArrivesBetweenTwoReadsIsNotLost() {
        let port = Trickle("Entering interactive session")
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 1)
        defer { buffer.deallocate() }
        var taken: [UInt8] = []
        while case .waiting = port.drain(.errors, into: buffer, { taken += $0 }) {}
        #expect(String(decoding: taken, as: UTF8.self) == "Entering interactive session")
    }
}
