import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Lab

/// One Drover at a time, whatever becomes of the one before.
@Suite(.enabled("needs root") { getuid() == 0 }, .timeLimit(.minutes(1)))
struct FileLockTests {
    private let name = "test-\(UUID().uuidString)"

    @Test func isHeldUntilItsWorkHasEnded() async throws {
        let (isHeld, isWaited) = (Flag(), Flag())
        let order = Mutex<[String]>([])
        async let first: Void = FileLock.take(name) {}.whileHeld { () async throws(LabError) in
            isHeld.raise()
            await isWaited.wait()
            order.withLock { $0.append("first") }
        }
        await isHeld.wait()
        try await FileLock.take(name) { isWaited.raise() }.whileHeld { () async throws(LabError) in
            order.withLock { $0.append("second") }
        }
        try await first
        #expect(order.withLock(\.self) == ["first", "second"])
    }

    @Test func anErrorGivesItBack() async throws {
        await #expect(throws: LabError(.stuck, "as asked")) {
            try await FileLock.take(name) {}.whileHeld { () async throws(LabError) in
                throw LabError(.stuck, "as asked")
            }
        }
        let answer = try await FileLock.take(name) { Issue.record("it is still held") }.whileHeld {
            () async throws(LabError) in 7
        }
        #expect(answer == 7)
    }
}
