import Fleet
import Foundation
import Testing

struct ServiceObjectiveTests {
    @Test(arguments: [
        ("/", "/", true), ("/", "/list", false), ("/", "/?page=2", true), ("/list*", "/list/7?x=/", true),
        ("/list*", "/", false), ("*", "/anything", true), ("/list", "/list#top", true),
    ])
    func aRequestCountsForItsPage(path: String, target: String, belongs: Bool) {
        #expect(ServiceObjective(path: path).concerns(target) == belongs)
    }

    @Test func itIsReadAsItWasWritten() throws {
        let objective = ServiceObjective(
            path: "/",
            latencies: [
                LatencyTarget(share: 0.99, limit: .milliseconds(200)),
                LatencyTarget(share: 0.5, limit: .milliseconds(20)),
            ], errors: 0.001)
        let read = try JSONDecoder().decode(ServiceObjective.self, from: JSONEncoder().encode(objective))
        #expect(read == objective)
        #expect(read.strictest?.name == "p99")
    }

    @Test(arguments: [(0.5, "p50"), (0.99, "p99"), (0.999, "p99.9"), (0.29, "p29")])
    func aShareHasTheNameItHasInTheFile(share: Double, name: String) {
        #expect(LatencyTarget(share: share, limit: .zero).name == name)
    }

    @Test func sharesThatCannotBeAreBrought() {
        #expect(ServiceObjective(path: "/", errors: 7).errors == 1)
        #expect(LatencyTarget(share: -1, limit: .zero).share == 0)
    }
}
