import Fleet
import Rollouts
import Testing

@testable import CLI

/// How the hosts of a stage are shown, few and many.
@Suite struct StatusTableTests {
    private func host(_ number: Int, _ state: String = "up") throws -> StageAnswer.Host {
        StageAnswer.Host(
            host: try HostName("ap\(number + 1000)"), state: try #require(.init(rawValue: state)), release: nil,
            units: ["shop.service": state == "up" ? "active" : "failed"], balancers: ["lb1": state], remark: nil)
    }

    private func table(_ hosts: [StageAnswer.Host]) -> StatusTable {
        StatusTable(hosts) { [$0.state.rawValue, "-", $0.units.values.joined(), "-"] }
    }

    @Test func fewHostsHaveALineEach() throws {
        #expect(table(try (0..<24).map { try host($0) }).rows.count == 24)
    }

    @Test func twoHundredFitOnAScreenWorstFirst() throws {
        let ill = try [host(7, "out"), host(8, "out"), host(150, "odd")]
        let well = try (0..<200).filter { ![7, 8, 150].contains($0) }.map { try host($0) }
        let table = table(ill + well)
        #expect(table.rows.map(\.hosts.count) == [2, 1, 197])
        let lines = table.table.lines
        #expect(lines.count < 24 && lines.allSatisfy { $0.count <= 80 }, "\(lines)")
        #expect(lines[1].hasPrefix("2: ap1007, ap1008 "), "\(lines[1])")
        #expect(lines[3].hasPrefix("197: ap[1000-1006,1009-"), "\(lines[3])")
    }

    @Test func problemsOfManyThatAreTheSameAreOneLine() throws {
        let problems = (0..<30).map { StageAnswer.Problem(subject: "ap\($0)", message: "no route to host") }
        let other = StageAnswer.Problem(subject: "lb1", message: "its file differs")
        let lines = (problems + [other]).lines
        #expect(lines.count == 2 && lines[0].hasSuffix(" and 22 more: no route to host"), "\(lines)")
        #expect([other].lines == ["lb1: its file differs"])
    }
}
