import Fleet
import Sampling
import Testing

@testable import CLI

@Suite struct SampleBoardTests {
    private func hosts() throws -> [HostName] { try ["ap1", "ap2", "ap3"].map { try HostName($0) } }

    private func sample() -> Sample { Sample(time: 1, interval: 1) }

    @Test func samplesOfOneTimeComeTogetherInTheHostsOrder() throws {
        let hosts = try hosts()
        var board = SampleBoard(hosts)
        #expect(board.add(hosts[2], 1, sample()).isEmpty)
        #expect(board.add(hosts[0], 1, sample()).isEmpty)
        let rows = board.add(hosts[1], 1, sample())
        #expect(rows.map { $0.samples.map(\.host) } == [hosts])
    }

    @Test func nobodyWaitsForOneThatIsLateOrGone() throws {
        let hosts = try hosts()
        var board = SampleBoard(hosts)
        _ = board.add(hosts[0], 1, sample())
        _ = board.add(hosts[1], 1, sample())
        let overtaken = board.add(hosts[0], 2, sample())
        #expect(overtaken.map(\.number) == [1] && overtaken[0].samples.count == 2)
        let late = board.add(hosts[2], 1, sample())
        #expect(late.isEmpty)
        // What came late is shown by itself.
        let alone = board.add(hosts[1], 2, sample())
        #expect(alone.map(\.number) == [1] && alone[0].samples.map(\.host) == [hosts[2]])
        let left = board.leave(hosts[2])
        #expect(left.map(\.number) == [2] && left[0].samples.map(\.host) == [hosts[0], hosts[1]])
        #expect(board.finish().isEmpty)
    }
}
