import Foundation
import TestSupport
import Testing

/// What the shipped roles promise of the hosts of production.
extension PipelineEndToEndTests {
    /// A connection from one host to another's port, and whether the tiers' rules allow it.
    struct Way: Sendable, CustomTestStringConvertible {
        let from: String, to: String
        let number: Int, port: Int
        let isOpen: Bool
        var testDescription: String { "\(from) to \(to):\(port) \(isOpen ? "goes" : "is refused")" }

        static let all = [
            Way(from: "ap1", to: "cache1", number: 31, port: 11211, isOpen: true),
            Way(from: "lb1", to: "cache1", number: 31, port: 11211, isOpen: false),
            Way(from: "lb1", to: "ap1", number: 21, port: 8080, isOpen: true),
            Way(from: "cache1", to: "ap1", number: 21, port: 8080, isOpen: false),
            Way(from: "ap1", to: "queue1", number: 41, port: 25672, isOpen: false),
            Way(from: "queue2", to: "queue1", number: 41, port: 25672, isOpen: true),
            Way(from: "queue1", to: "lb1", number: 11, port: 80, isOpen: true),
        ]
    }

    @Test(arguments: Way.all)
    func tiersAreReachedByTheirNeighboursAlone(_ way: Way) async throws {
        let lab = try ServiceLab.shared
        let address = "\(lab.subnets.production).\(way.number)/\(way.port)"
        let answer = try await lab.on(way.from, "timeout 20 bash -c 'exec 3<>/dev/tcp/\(address)'")
        #expect((answer.status == 0) == way.isOpen, "\(answer.errors)")
        // Refused at once, not left waiting.
        #expect(answer.status != 124)
    }

    @Test func balancersSpeakHTTPSAndHaveMetrics() async throws {
        let lab = try ServiceLab.shared
        let page = try await DroverProgram.run(
            ["curl", "-sk", "-m", "20", "-o", "/dev/null", "-w", "%{http_code} %{http_version}"]
                + ["https://\(lab.subnets.production).11/"])
        #expect(page.output == "200 2")
        let metrics = try await lab.on("lb1", "perl -MIO::Socket::INET -e '\(Self.metrics)'").succeeded()
        #expect(metrics.output.contains("haproxy_process_"))
    }

    private static let metrics = """
        my $s = IO::Socket::INET->new("127.0.0.1:8404") or die; print $s "GET /metrics HTTP/1.0\\r\\n\\r\\n";
        print while <$s>
        """

    @Test func jobsOutliveAQueueHost() async throws {
        let lab = try ServiceLab.shared
        let columns = "name type policy members"
        let queues = try await lab.on("queue1", "rabbitmqctl -q list_queues -p bookmark \(columns)").succeeded()
        for name in ["bookmarks.ap1\tquorum\tcopies", "dead\tquorum\tdead"] {
            let line = try #require(
                queues.output.split(separator: "\n").first { $0.hasPrefix(name) }, "\(queues.output)")
            for host in ["queue1", "queue2", "queue3"] { #expect(line.contains("rabbit@\(host)"), "\(line)") }
        }
    }
}
