import Testing

@testable import Fleet

private struct Refusal: Error, Equatable {
    var number: Int
}

/// The same work for many, a limited number at once.
@Suite(.timeLimit(.minutes(1))) struct ForEachBoundedTests {
    struct Course: Sendable, CustomTestStringConvertible {
        var count: Int
        var width: Int
        var testDescription: String { "\(count) items, \(width) at once" }
    }

    @Test(arguments: [
        Course(count: 0, width: 3), Course(count: 1, width: 1), Course(count: 40, width: 1),
        Course(count: 40, width: 7),
        Course(count: 3, width: 100), Course(count: 40, width: .max), Course(count: 5, width: 0),
    ])
    func answersComeInTheItemsOrderWhateverEndsFirst(_ course: Course) async {
        let crowd = Crowd()
        let answers = await forEachBounded(Array(0..<course.count), atOnce: course.width) { number in
            crowd.come()
            for _ in 0..<(course.count - number) { await Task.yield() }
            crowd.go()
            return number * 2
        }
        #expect(answers == (0..<course.count).map { $0 * 2 })
        #expect(crowd.most <= min(course.count, max(1, course.width)))
    }

    @Test func itemsAreBegunInTheirOrder() async {
        let begun = Gathering<Int>()
        await forEachBounded(Array(0..<50), atOnce: 1) { begun.add($0) }
        #expect(begun.items == Array(0..<50))
    }

    /// Who ends early makes room at once: nobody waits for a whole row to end.
    @Test func theNextBeginsAsSoonAsOneEnds() async {
        let begun = Gathering<Int>()
        await forEachBounded(Array(0..<10), atOnce: 2) { number in
            begun.add(number)
            if number == 0 { await until { begun.items.count == 10 } }
        }
        #expect(begun.items.sorted() == Array(0..<10))
    }

    @Test func allIsDoneAndTheFirstErrorOfTheItemsIsThrown() async {
        let done = Gathering<Int>()
        await #expect(throws: Refusal(number: 3)) {
            try await forEachBounded(Array(0..<10), atOnce: 4) { (number) async throws(Refusal) in
                if number == 3 { for _ in 0..<50 { await Task.yield() } }
                done.add(number)
                if number.isMultiple(of: 3), number > 0 { throw Refusal(number: number) }
            }
        }
        #expect(done.items.sorted() == Array(0..<10))
    }

    @Test func whatGoesOnAndWhatIsStillBegunHearsOfACancellation() async {
        let crowd = Crowd()
        let seen = Gathering<Bool>()
        let task = Task {
            _ = await forEachBounded(Array(0..<20), atOnce: 4) { _ in
                crowd.come()
                await until { Task.isCancelled }
                seen.add(Task.isCancelled)
            }
        }
        await until { crowd.all == 4 }
        task.cancel()
        await task.value
        #expect(seen.items == Array(repeating: true, count: 20))
    }

    @Test func whatComesOfAThrowingBodyIsAResult() async {
        let good = await Result { () async throws(Refusal) in 5 }
        let bad = await Result { () async throws(Refusal) -> Int in throw Refusal(number: 1) }
        #expect(good == .success(5) && bad == .failure(Refusal(number: 1)))
    }
}
