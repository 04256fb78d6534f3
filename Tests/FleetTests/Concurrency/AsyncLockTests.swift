import TestSupport
import Testing

@testable import Fleet

private struct Refusal: Error, Equatable {
    var reason: String
}

/// Reads, lets others run, and writes: what a lock is for.
private actor Account {
    let lock = AsyncLock()
    private(set) var balance = 0

    func deposit() async throws(Refusal) {
        try await lock.withLock(cancelled: Refusal(reason: "cancelled")) { () throws(Refusal) in
            let before = balance
            await Task.yield()
            balance = before + 1
        }
    }
}

/// One at a time, in the order of asking.
@Suite(.timeLimit(.minutes(1))) struct AsyncLockTests {
    @Test func nothingComesBetweenWhatIsDoneUnderIt() async throws {
        let account = Account()
        try await withThrowingDiscardingTaskGroup { group in
            for _ in 0..<500 { group.addTask { try await account.deposit() } }
        }
        #expect(await account.balance == 500)
    }

    @Test func anErrorFreesIt() async throws {
        let lock = AsyncLock()
        await #expect(throws: Refusal(reason: "refused")) {
            try await lock.withLock(cancelled: Refusal(reason: "cancelled")) { () throws(Refusal) in
                throw Refusal(reason: "refused")
            }
        }
        let answer = try await lock.withLock(cancelled: Refusal(reason: "cancelled")) { () throws(Refusal) in 7 }
        #expect(answer == 7)
    }

    @Test func whoWaitsIsToldOfItsCancellationAtOnce() async throws {
        let lock = AsyncLock()
        let (isHeld, mayEnd) = (Flag(), Flag())
        let holder = Task {
            try await lock.withLock(cancelled: Refusal(reason: "holder")) { () throws(Refusal) in
                isHeld.raise()
                await mayEnd.wait()
            }
        }
        await isHeld.wait()
        let waiter = Task {
            try await lock.withLock(cancelled: Refusal(reason: "waiter")) { () throws(Refusal) in
                Issue.record("it ran beside the holder")
            }
        }
        await until { lock.waitingCount == 1 }
        waiter.cancel()
        await #expect(throws: Refusal(reason: "waiter")) { try await waiter.value }
        mayEnd.raise()
        try await holder.value
    }

    @Test func aHolderThatIsCancelledEndsInOrder() async throws {
        let lock = AsyncLock()
        let (isHeld, order) = (Flag(), Gathering<String>())
        let holder = Task {
            try await lock.withLock(cancelled: Refusal(reason: "holder")) { () throws(Refusal) in
                isHeld.raise()
                await until { Task.isCancelled && lock.waitingCount == 1 }
                order.add("holder")
            }
        }
        await isHeld.wait()
        let next = Task {
            try await lock.withLock(cancelled: Refusal(reason: "next")) { () throws(Refusal) in order.add("next") }
        }
        holder.cancel()
        try await holder.value
        try await next.value
        #expect(order.items == ["holder", "next"])
    }
}
