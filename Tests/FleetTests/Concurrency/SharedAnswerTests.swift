import Fleet
import Synchronization
import Testing

/// A question that many ask at once is asked for those who came before it was, together.
struct SharedAnswerTests {
    @Test func thoseWhoComeWhileItIsAskedShareTheNextAnswer() async {
        let (began, hasBegun) = AsyncStream.makeStream(of: Int.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let count = Mutex(0)
        let answer = SharedAnswer {
            let number = count.withLock { count in
                count += 1
                return count
            }
            hasBegun.yield(number)
            if number == 1 { for await _ in gate { break } }
            return number
        }
        let first = Task { await answer() }
        for await number in began where number == 1 { break }
        // The first question is on its way: whoever asks now wants to know what comes after it.
        async let others = withTaskGroup(of: Int.self) { group in
            for _ in 0..<300 { group.addTask { await answer() } }
            open.yield()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(await first.value == 1)
        let numbers = await others
        #expect(numbers.allSatisfy { $0 > 1 } && (numbers.max() ?? 0) < 20, "asked \(numbers.max() ?? 0) times for 300")
    }

    @Test func itIsGivenUpWhenNobodyWantsToKnow() async {
        let (began, hasBegun) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let answer = SharedAnswer {
            hasBegun.yield()
            for await _ in gate { return "answered" }
            return "given up"
        }
        let alone = Task { await answer() }
        for await _ in began { break }
        alone.cancel()
        #expect(await alone.value == "given up")
        // Whoever comes then is not told that.
        open.yield()
        withExtendedLifetime(open) {}
    }
}
