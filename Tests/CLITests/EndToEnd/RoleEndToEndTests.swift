import Fleet
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

    /// A job that most queue hosts have not written is refused, even if an earlier one is confirmed at that moment.
    @Test func aJobIsAcceptedForItsOwnConfirmationAlone() async throws {
        let lab = try ServiceLab.shared
        let word = UUID().uuidString.lowercased()
        try await withFrozenQueues(lab) {
            let answer = try await Self.post("early-\(word)", lab)
            #expect(answer.contains(" 503 "), "\(answer)")
        }
        // Confirmed by now, to whoever still listens.
        let kept = "until grep -q early-\(word) /srv/bookmark/shared/*.jsonl; do sleep 0.1; done"
        try await lab.on("ap1", "timeout 60 bash -c '\(kept)'").succeeded()
        try await withFrozenQueues(lab) {
            let answer = try await Self.post("late-\(word)", lab)
            #expect(answer.contains(" 503 "), "\(answer)")
        }
        try await lab.on("queue1", "rabbitmqctl -q await_online_nodes 3 --timeout 60").succeeded()
        let answer = try await Self.post("last-\(word)", lab)
        #expect(answer.contains(" 202 "), "\(answer)")
    }

    private func withFrozenQueues(_ lab: ServiceLab, _ body: () async throws -> Void) async throws {
        let frozen = ["queue2", "queue3"]
        let outcome = await Result { () async throws in
            for host in frozen { try await lab.on(host, "pkill -STOP beam.smp").succeeded() }
            try await body()
        }
        for host in frozen { try await lab.on(host, "pkill -CONT beam.smp").succeeded() }
        try outcome.get()
    }

    /// The first line of ap1's answer to a new bookmark.
    private static func post(_ name: String, _ lab: ServiceLab) async throws -> String {
        try await lab.on("ap1", "perl -MIO::Socket::INET -e '\(posting)' \(name)").output
    }

    private static let posting = """
        my $s = IO::Socket::INET->new("127.0.0.1:8080") or die; my $b = "url=http://$ARGV[0].example/";
        print $s "POST /bookmarks HTTP/1.0\\r\\nContent-Type: application/x-www-form-urlencoded\\r\\n";
        print $s "Content-Length: ".length($b)."\\r\\n\\r\\n$b"; print scalar <$s>
        """
}
