import Fleet
import Foundation
import Insight
import Testing

/// What services of Debian 12 answered before and after some requests, 9.5 seconds apart.
enum RecordedAnswer {
    static func text(_ name: String, file: String = #filePath) throws -> String {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: folder.appendingPathComponent("Recorded/\(name).txt"), encoding: .utf8)
    }

    static func figures(_ kind: ServiceKind, _ name: String? = nil) throws -> ServiceFigures? {
        let name = name ?? kind.rawValue
        let readings = try ["1", "2"].map { ServiceReading(kind, answer: try text("\(name).\($0)")) }
        return readings[0].flatMap { then in readings[1].flatMap { $0.figures(since: then, seconds: 9.5) } }
    }
}

struct RecordedServiceTests {
    @Test func memcachedCountsGetsAndHits() throws {
        guard case .memcached(let found)? = try RecordedAnswer.figures(.memcached) else {
            Issue.record("unread")
            return
        }
        #expect(abs(found.gets - 1000 / 9.5) < 0.1)
        #expect(abs(found.sets - 200 / 9.5) < 0.1)
        #expect(abs((found.hitShare ?? 0) - 2.0 / 3) < 0.1)
        #expect(found.connectionLimit == 1024)
        #expect(found.limitBytes == 67_108_864)
        #expect(found.items == 199 || found.items == 200)
        #expect(found.evictions == 0)
    }

    @Test func nginxCountsRequests() throws {
        guard case .nginx(let found)? = try RecordedAnswer.figures(.nginx) else {
            Issue.record("unread")
            return
        }
        #expect(found.requests > 6)
        #expect(found.dropped == 0)
        #expect(found.writing == 1)
    }

    @Test func varnishCountsHits() throws {
        guard case .varnish(let found)? = try RecordedAnswer.figures(.varnish) else {
            Issue.record("unread")
            return
        }
        #expect(abs(found.requests - 60 / 9.5) < 0.2)
        #expect(try #require(found.hitShare) > 0.9)
        #expect(try #require(found.bytesFree) > 1e8)
    }

    @Test func rabbitCountsJobs() throws {
        guard case .rabbit(let found)? = try RecordedAnswer.figures(.rabbitmq) else {
            Issue.record("unread")
            return
        }
        let queue = try #require(found.queues.first)
        #expect(queue.name == "jobs")
        #expect(queue.ready == 27)
        #expect(queue.consumers == 0)
        #expect(abs((queue.growth ?? 0) - 20 / 9.5) < 0.01)
        #expect(abs((queue.published ?? 0) - 20 / 9.5) < 0.01)
        #expect(queue.acknowledged == 0)
        #expect(found.alarms.isEmpty)
        #expect(found.memory == 137_252_864)
    }

    @Test func prometheusSaysWhatWaitsWithoutAnAccount() throws {
        guard case .rabbit(let found)? = try RecordedAnswer.figures(.rabbitmq, "prometheus") else {
            Issue.record("unread")
            return
        }
        #expect(found.queues.map(\.name) == ["shop/dead", "shop/jobs"])
        #expect(found.queues.last?.ready == 25)
        #expect(abs((found.queues.last?.growth ?? 0) - 15 / 9.5) < 0.01)
        #expect(found.queues.map(\.isForDeadLetters) == [true, false])
        #expect(abs((found.published ?? 0) - 20 / 9.5) < 0.01)
        #expect(found.acknowledged == 0)
        #expect(found.memoryLimit == 10_110_600_806)
        #expect(found.alarms.isEmpty)
    }

    @Test func rabbitmqctlSaysWhatWaits() throws {
        let reading = try #require(ServiceReading(.rabbitmq, answer: try RecordedAnswer.text("rabbitctl.1")))
        guard case .rabbit(let found)? = reading.figures(since: reading, seconds: 10) else {
            Issue.record("unread")
            return
        }
        #expect(found.queues == [RabbitQueue(name: "jobs", ready: 27, consumers: 0, growth: 0)])
    }

    @Test func mariaCountsStatements() throws {
        guard case .maria(let found)? = try RecordedAnswer.figures(.mariadb) else {
            Issue.record("unread")
            return
        }
        #expect(found.connectionLimit == 151)
        #expect(try #require(found.queries) > 1)
        #expect(try #require(found.scannedRows) * 9.5 > 100_000)
        #expect(found.poolBytes == 134_217_728)
        #expect(found.isReadOnly == false)
        #expect(found.isSemiSynchronous == nil)
        let replica = try #require(found.replica)
        #expect(!replica.isFetching && replica.isApplying)
        #expect(replica.lag == nil)
    }

    @Test func haproxyCountsByServer() throws {
        guard case .haproxy(let found)? = try RecordedAnswer.figures(.haproxy) else {
            Issue.record("unread")
            return
        }
        #expect(found.process.connectionLimit == 2000)
        #expect(found.process.threads == 2)
        let pool = try #require(found.backends.first { $0.name == "ap" })
        #expect(abs((pool.requests ?? 0) - 120 / 9.5) < 0.1)
        #expect(pool.members.map(\.host.description) == ["ap1", "ap2"])
        let first = pool.members[0]
        #expect(first.state == .up)
        #expect(first.sessionLimit == 20)
        #expect(first.weight == 100)
        #expect(abs((first.requests ?? 0) - 120 / 9.5) < 0.1)
        #expect(first.failed == 0)
        #expect(pool.members[1].state == .down)
        #expect(found.backends.first { $0.name == "tcp" }?.members.first?.answers == [])
        #expect(found.frontends.map(\.name) == ["web", "tcp"])
    }

    @Test func aLookShowsWhoWaitsForWhom() throws {
        let look = try #require(HostLook(answer: try RecordedAnswer.text("look.1")))
        let call = try #require(look.calls.first)
        #expect(
            call
                == CallObservation(
                    address: "127.0.0.1", port: 7777, connections: 2, waiting: 1, waited: 590, roundTrip: 0.032))
        #expect(look.listeners.first { $0.port == 7777 } == ListenQueue(port: 7777, waiting: 0, limit: 5, working: 1))
        #expect(look.threads.map(\.name) == ["varnishncsa"])
        #expect(look.addresses == ["10.91.42.11"])
    }

    @Test func aCounterThatBeganAnewIsNotNegative() throws {
        for kind in ServiceKind.allCases {
            let readings = try ["2", "1"].map { try RecordedAnswer.text("\(kind.rawValue).\($0)") }
            let later = try #require(ServiceReading(kind, answer: readings[1]))
            let earlier = try #require(ServiceReading(kind, answer: readings[0]))
            #expect(later.figures(since: earlier, seconds: 9.5) != nil)
            #expect(later.figures(since: earlier, seconds: 0) == nil)
            #expect(later.figures(since: earlier, seconds: .nan) == nil)
            guard case .memcached(let found)? = later.figures(since: earlier, seconds: 9.5) else { continue }
            #expect(found.gets >= 0 && found.sets >= 0)
        }
    }
}

struct ServiceAnswerTests {
    @Test func oneScriptAsksAll() throws {
        let text = try """
        == drover service memcached 100.0
        \(RecordedAnswer.text("memcached.1"))
        == drover service nginx stopped
        == drover service mariadb 101.5
        ERROR 1045 (28000): Access denied for user 'nobody'@'localhost'
        == drover service future 3
        """
        let answers = ServiceScript.answers(in: text)
        try #require(answers.map(\.kind) == [.memcached, .nginx, .mariadb])
        #expect(answers[0].reading != nil)
        #expect(answers[1].isStopped)
        #expect(answers[2].error?.hasPrefix("ERROR 1045") == true)
        let host = Staging.name("db1")
        let found = answers.observations(since: answers, on: host)
        #expect(found.count == 2)
        #expect(answers.observations(since: answers, on: host, expecting: [.nginx]).contains { $0.isStopped })
    }

    @Test func eachScriptIsOneThatAShellReads() {
        let text = ServiceScript.text()
        #expect(text.components(separatedBy: "== drover service").count == 1 + 2 * ServiceKind.allCases.count)
        #expect(HostLook.script(seconds: 3).hasPrefix("perl -e '"))
        #expect(HostLook.script(seconds: .max).hasSuffix(" 600"))
    }

    @Test(arguments: ServiceKind.allCases)
    func anyTextIsReadOrNot(_ kind: ServiceKind) throws {
        let whole = try RecordedAnswer.text("\(kind.rawValue).2")
        for cut in stride(from: 0, to: whole.utf8.count, by: max(1, whole.utf8.count / 60)) {
            let part = String(decoding: Array(whole.utf8.prefix(cut)), as: UTF8.self)
            let reading = ServiceReading(kind, answer: part)
            _ = reading.flatMap { $0.figures(since: $0, seconds: 1) }
        }
        for text in [
            "", "\n\n", "# pxname,", "STAT", "{", "[1,2", "[[", "\u{0}", "Active connections:", "drover-part\n",
        ] {
            #expect(ServiceReading(kind, answer: text) == nil)
        }
    }
}
