import Fleet
import Insight
import Sampling
import Testing

@testable import CLI

@Suite struct TopTextTests {
    private static func host(_ name: String, user: Double, requests: Double? = nil) throws -> TopAnswer.Host {
        var host = TopAnswer.Host(host: try HostName(name))
        host.figures = [
            "user": user, "system": 3.04, "iowait": 0.5, "steal": 0, "busy": user + 3, "cpuPressure": 12.6,
            "memoryPressure": 0,
            "ioPressure": 0.04, "workingSet": 61.2, "refaults": 12345, "disk": 99.96,
        ]
        (host.requests, host.failed, host.milliseconds) = (
            requests, requests.map { $0 / 100 }, requests.map { _ in 12.34 }
        )
        return host
    }

    private static func answer() throws -> TopAnswer {
        var silent = TopAnswer.Host(host: try HostName("ap3"))
        silent.error = "no answer within 10.0 s"
        var queue = TopAnswer.Host(host: try HostName("queue1"))
        queue.services = ["rabbitmq: mails 120 ready, +3/s, 2 consumers"]
        return TopAnswer(
            stage: "production", at: Timestamp(milliseconds: 1_796_085_000_000),
            tiers: [
                TopAnswer.Tier(
                    name: "ap", role: .application,
                    hosts: [
                        try host("ap1", user: 12, requests: 1234.5), try host("ap2", user: 80), silent,
                    ], figures: ["user": 46]),
                TopAnswer.Tier(name: "queue", role: .queue, hosts: [queue]),
            ])
    }

    @Test func tiersStandBeforeTheirHosts() throws {
        let lines = TopText(order: .name, rows: nil).lines(try Self.answer()).map(\.text)
        #expect(
            lines == [
                "TIER/HOST      %usr %sys %iow %stl psC psM psI %mem reflt %dsk  req/s %err   ms",
                "ap (3)           46    -    -    -   -   -   -    -     -    -      -    -    -",
                "  ap1            12  3.0  0.5    0  13   0   0   61 12345  100   1234  1.0   12",
                "  ap2            80  3.0  0.5    0  13   0   0   61 12345  100      -    -    -",
                "  ap3: no answer within 10.0 s",
                "queue (1)         -    -    -    -   -   -   -    -     -    -      -    -    -",
                "  queue1          -    -    -    -   -   -   -    -     -    -      -    -    -",
                "  queue1 rabbitmq: mails 120 ready, +3/s, 2 consumers",
            ])
        #expect(lines.allSatisfy { $0.count <= 79 })
    }

    @Test func hostsAreSortedByWhatIsAskedFor() throws {
        let byCPU = TopText(order: .cpu, rows: nil).lines(try Self.answer()).map(\.text)
        #expect(byCPU[2].hasPrefix("  ap2") && byCPU[3].hasPrefix("  ap1"))
        let byRequests = TopText(order: .requests, rows: nil).lines(try Self.answer()).map(\.text)
        #expect(byRequests[2].hasPrefix("  ap1"))
    }

    @Test(arguments: 5...9) func whatHasNoRoomIsCounted(_ rows: Int) throws {
        let lines = TopText(order: .name, rows: rows).lines(try Self.answer())
        #expect(lines.count <= rows)
        #expect(lines.filter { $0.kind == .tier }.count == 2, "each tier's own line stays")
        #expect(lines.contains { $0.text.contains("more: a taller window") } == (rows < 8))
    }

    @Test(arguments: [
        (0.0, 4, "0"), (0.04, 4, "0"), (3.04, 4, "3.0"), (12.5, 4, "12"), (9.97, 3, "10"), (99999, 5, "99999"),
        (123_456, 5, "123k"), (1_234_567, 4, "1.2M"), (1e12, 4, "#"), (-5, 4, "-5.0"), (.nan, 4, "-"),
    ])
    func numbersTakeTheRoomThereIs(_ value: Double, _ width: Int, _ text: String) {
        #expect(TopText.text(value, width: width) == text)
        #expect(TopText.text(value, width: width).count <= width)
    }

    @Test func theWorkingSetIsWhatCannotBeDropped() {
        var sample = SarTextTests.sample()
        #expect((TopFigure.workingSet.value(sample) ?? 0).rounded() == 2)
        sample[.memoryAnonymous] = 12_337_650
        sample[.memoryActiveFile] = 0
        #expect(TopFigure.workingSet.value(sample) == 50)
        #expect(TopFigure.busy.value(sample) == 100)
        sample[.idle] = nil
        #expect(TopFigure.busy.value(sample) == nil)
    }
}
