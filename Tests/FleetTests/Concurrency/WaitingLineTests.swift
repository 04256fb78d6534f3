import TestSupport
import Testing

@testable import Fleet

/// The line before a semaphore, whatever happens in which order.
@Suite struct WaitingLineTests {
    @Test func whoGivesUpOnTheWayToTheLineIsNotThrough() {
        var line = WaitingLine<String>(free: 0)
        let ticket = line.enter()
        #expect(ticket.flatMap { line.leave($0) } == nil)
        #expect(ticket.flatMap { line.wait(with: $0, "late") } == false)
        #expect(line.giveBack() == nil)
        #expect(line.enter() == nil)
    }

    @Test func whatIsGivenBackOnTheWayToTheLineIsFound() {
        var line = WaitingLine<String>(free: 0)
        let ticket = line.enter()
        #expect(line.giveBack() == nil)
        #expect(ticket.flatMap { line.wait(with: $0, "first") } == true)
        #expect(line.enter() != nil)
    }

    @Test func givingUpWhatIsThroughChangesNothing() {
        var line = WaitingLine<String>(free: 0)
        let ticket = line.enter() ?? 0
        #expect(line.wait(with: ticket, "first") == nil)
        #expect(line.giveBack() == "first")
        #expect(line.leave(ticket) == nil)
        #expect(line.count == 0)
    }

    /// Nobody is lost, nobody goes through twice, and never more than the limit are through.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func anyCourseKeepsTheLimitAndTheOrder(_ seed: UInt64) {
        var dice = Dice(seed)
        let limit = Int.random(in: 1...4, using: &dice)
        var line = WaitingLine<Int>(free: limit)
        var (onTheWay, waiting): ([Int], [Int]) = ([], [])
        var through = 0
        for _ in 0..<300 {
            switch Int.random(in: 0..<5, using: &dice) {
            case 0: if let ticket = line.enter() { onTheWay.append(ticket) } else { through += 1 }
            case 1:
                guard let ticket = onTheWay.popLast() else { continue }
                if let isThrough = line.wait(with: ticket, ticket) {
                    #expect(isThrough)
                    through += 1
                } else {
                    waiting.append(ticket)
                }
            case 2:
                guard let ticket = onTheWay.popLast() else { continue }
                #expect(line.leave(ticket) == nil && line.wait(with: ticket, ticket) == false)
            case 3:
                guard let index = waiting.indices.randomElement(using: &dice) else { continue }
                #expect(line.leave(waiting[index]) == waiting.remove(at: index))
            default:
                guard through > 0 else { continue }
                let next = line.giveBack()
                #expect(next == waiting.first)
                if next == nil { through -= 1 } else { waiting.removeFirst() }
            }
            #expect(through <= limit && line.count == waiting.count)
            #expect(waiting.isEmpty || through == limit)
        }
    }
}
