import Fleet
import Testing

@testable import SSH

/// Answers steps from a list, and keeps count.
private final class Scripted: Pollable {
    let name: String
    private var results: [StepResult]
    private let log: Log

    final class Log {
        var names: [String] = []
    }

    init(_ name: String, _ results: [StepResult], _ log: Log) {
        (self.name, self.results, self.log) = (name, results, log)
    }

    func step() -> StepResult {
        log.names.append(name)
        return results.isEmpty ? .waiting : results.removeFirst()
    }

    func abort(_ error: TransportError) {}
}

/// Who goes forward over a connection, and in which order.
@Suite struct PollQueueTests {
    private let log = Scripted.Log()

    private func queue(_ scripts: [(String, [StepResult])]) -> PollQueue {
        let queue = PollQueue()
        for (name, results) in scripts { queue.add(Scripted(name, results, log)) }
        return queue
    }

    @Test func eachHasItsTurnAndWhoIsThroughLeaves() {
        let queue = queue([("a", [.progressed, .finished]), ("b", [.finished]), ("c", [])])
        #expect(queue.step() == true)
        #expect(queue.step() == true)
        #expect(queue.step() == false)
        #expect(log.names == ["a", "b", "c", "a", "c", "c"])
    }

    /// libssh2 has to be called again just so before anything else is sent.
    @Test func nothingComesBetweenTheHalvesOfAPacket() {
        let queue = queue([("a", [.sendBlocked, .sendBlocked, .progressed]), ("b", [.progressed])])
        #expect(queue.step() == nil && queue.isBlocked && queue.interest == .writing)
        #expect(queue.step() == nil)
        #expect(queue.step() == true && !queue.isBlocked && queue.interest == .reading)
        #expect(queue.step() == true)
        #expect(log.names == ["a", "a", "a", "a", "b"])
    }

    @Test func nothingIsWatchedForWhereNobodyWaits() {
        let queue = queue([("a", [.finished])])
        #expect(queue.interest == .reading)
        _ = queue.step()
        #expect(queue.isEmpty && queue.interest == [])
    }

    @Test func nobodyIsThereTwice() {
        let queue = PollQueue()
        let one = Scripted("a", [.waiting], log)
        queue.add(one)
        queue.add(one)
        _ = queue.step()
        #expect(log.names == ["a"])
        queue.removeAll()
        #expect(queue.isEmpty)
    }
}
