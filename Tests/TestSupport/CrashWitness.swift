import Foundation
import Glibc
import Synchronization

/// Says which input a trap came from: the process ends with it, and no test can report anything any more.
public enum CrashWitness {
    private static let slotCount = 64
    private static let slotSize = 4096
    private static let spareSize = 65536
    private static let free = Mutex(Array(0..<slotCount))
    // Each slot is written by its holder alone, and read when the process ends.
    nonisolated(unsafe) private static let slots = UnsafeMutablePointer<UInt8>.allocate(capacity: slotCount * slotSize)
    private static let signals = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE]
    // Written once, before any signal is caught.
    nonisolated(unsafe) private static var former: [Int32: sigaction] = [:]

    private static let isInstalled: Bool = {
        slots.initialize(repeating: 0, count: slotCount * slotSize)
        for number in signals {
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in CrashWitness.tell(number) }
            // A stack that is exhausted has no room for the handler.
            action.sa_flags = SA_ONSTACK
            var old = sigaction()
            sigaction(number, &action, &old)
            former[number] = old
        }
        return true
    }()

    /// Runs `body`; a trap in it is told together with `name`.
    public static func watch<Result>(_ name: String, _ body: () throws -> Result) rethrows -> Result {
        _ = isInstalled
        let spare = UnsafeMutableRawPointer.allocate(byteCount: spareSize, alignment: 16)
        var (other, former) = (stack_t(ss_sp: spare, ss_flags: 0, ss_size: spareSize), stack_t())
        sigaltstack(&other, &former)
        defer {
            sigaltstack(&former, nil)
            spare.deallocate()
        }
        let slot = free.withLock { $0.popLast() }
        defer { if let slot { clear(slot) } }
        if let slot { write(name, to: slot) }
        return try body()
    }

    private static func write(_ name: String, to slot: Int) {
        let bytes = Array(name.utf8.prefix(slotSize - 1))
        (slots + slot * slotSize).update(from: bytes, count: bytes.count)
        slots[slot * slotSize + bytes.count] = 0
    }

    private static func clear(_ slot: Int) {
        slots[slot * slotSize] = 0
        free.withLock { $0.append(slot) }
    }

    /// Writes what is under way; then the signal comes again, to whoever had it before.
    private static func tell(_ number: Int32) {
        for slot in 0..<slotCount where slots[slot * slotSize] != 0 {
            let text = slots + slot * slotSize
            let title: StaticString = "\nended in this case:\n"
            Glibc.write(2, title.utf8Start, title.utf8CodeUnitCount)
            Glibc.write(2, text, strlen(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self)))
        }
        Glibc.write(2, "\n", 1)
        if var old = former[number] { sigaction(number, &old, nil) } else { signal(number, SIG_DFL) }
    }
}
