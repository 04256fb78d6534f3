import TestSupport
import Testing

@testable import Fleet

/// Who gets through a semaphore, and when.
@Suite(.timeLimit(.minutes(1))) struct AsyncSemaphoreTests {
    /// Begins a task that waits, and returns once it does.
    private func enqueue(
        _ semaphore: AsyncSemaphore, _ work: @escaping @Sendable (AsyncSemaphore.Permit?) async -> Void
    ) async -> Task<Void, Never> {
        let before = semaphore.waitingCount
        let task = Task { await work(await semaphore.acquire()) }
        await until { semaphore.waitingCount > before }
        return task
    }

    @Test func whoCameFirstGoesFirst() async {
        let semaphore = AsyncSemaphore(1)
        let held = await semaphore.acquire()
        let order = Gathering<Int>()
        var tasks: [Task<Void, Never>] = []
        for number in 0..<20 {
            tasks.append(
                await enqueue(semaphore) { permit in
                    order.add(number)
                    permit?.release()
                })
        }
        held?.release()
        for task in tasks { await task.value }
        #expect(order.items == Array(0..<20))
    }

    @Test(arguments: [(1, 50), (3, 200), (64, 10), (0, 5)])
    func neverMoreThanTheLimitAreThrough(_ limit: Int, _ count: Int) async {
        let semaphore = AsyncSemaphore(limit)
        let crowd = Crowd()
        await withDiscardingTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    let permit = await semaphore.acquire()
                    crowd.come()
                    for _ in 0..<5 { await Task.yield() }
                    crowd.go()
                    permit?.release()
                }
            }
        }
        #expect(crowd.most <= max(1, limit))
        #expect(crowd.all == count)
    }

    @Test func whoIsCancelledInLineLeavesItAtOnce() async {
        let semaphore = AsyncSemaphore(1)
        let held = await semaphore.acquire()
        let order = Gathering<String>()
        let first = await enqueue(semaphore) { order.add($0 == nil ? "first out" : "first through") }
        let second = await enqueue(semaphore) { order.add($0 == nil ? "second out" : "second through") }
        let third = await enqueue(semaphore) { order.add($0 == nil ? "third out" : "third through") }
        second.cancel()
        await second.value
        #expect(order.items == ["second out"])
        #expect(semaphore.waitingCount == 2)
        held?.release()
        await first.value
        await third.value
        #expect(order.items == ["second out", "first through", "third through"])
    }

    @Test func whoIsCancelledBeforeTakesNoPlace() async {
        let semaphore = AsyncSemaphore(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await semaphore.acquire() == nil
        }
        #expect(await task.value)
        #expect(await semaphore.acquire() != nil)
    }

    @Test func aHolderThatIsCancelledHoldsOnUntilItReleases() async {
        let semaphore = AsyncSemaphore(1)
        let (isHeld, mayEnd, isThrough) = (Flag(), Flag(), Flag())
        let holder = Task {
            let permit = await semaphore.acquire()
            isHeld.raise()
            // Holds on although it is cancelled.
            await Task { await mayEnd.wait() }.value
            permit?.release()
        }
        await isHeld.wait()
        let next = await enqueue(semaphore) { if $0 != nil { isThrough.raise() } }
        holder.cancel()
        for _ in 0..<100 { await Task.yield() }
        #expect(semaphore.waitingCount == 1)
        mayEnd.raise()
        await next.value
        #expect(isThrough.isRaised)
    }

    @Test func aPermitThatNobodyHoldsIsReleasedAndOneReleasedTwiceCountsOnce() async {
        let semaphore = AsyncSemaphore(1)
        for _ in 0..<3 { #expect(await semaphore.acquire() != nil) }
        let permit = await semaphore.acquire()
        permit?.release()
        permit?.release()
        let again = await semaphore.acquire()
        let waiter = await enqueue(semaphore) { _ in }
        #expect(semaphore.waitingCount == 1)
        again?.release()
        await waiter.value
    }

    /// Whatever meets in whichever order: everybody ends, and all places are free afterwards.
    @Test func aStormOfCancellationsLosesNoPlace() async {
        let semaphore = AsyncSemaphore(4)
        let crowd = Crowd()
        let tasks = (0..<2000).map { number in
            Task {
                guard let permit = await semaphore.acquire() else { return }
                crowd.come()
                if number.isMultiple(of: 3) { await Task.yield() }
                crowd.go()
                permit.release()
            }
        }
        for task in tasks.enumerated() where task.offset % 2 == 1 { task.element.cancel() }
        for task in tasks { await task.value }
        #expect(crowd.most <= 4 && crowd.all >= 1000)
        #expect(semaphore.waitingCount == 0)
        var permits: [AsyncSemaphore.Permit?] = []
        for _ in 0..<4 { permits.append(await semaphore.acquire()) }
        let fifth = await enqueue(semaphore) { _ in }
        fifth.cancel()
        await fifth.value
        withExtendedLifetime(permits) {}
    }
}
