import Foundation
import TestSupport
import Testing

/// `drover sar`, `top` and `diagnose`, run as an operator would on hosts that are this machine.
@Suite(.timeLimit(.minutes(2))) struct InsightProgramTests {
    private func withStage(_ keys: String = "", _ body: (DroverProgram) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let hosts =
                "{ap: {hosts: {ap1: {ansible_host: 127.0.0.7}, ap2: {ansible_host: 127.0.0.8}}}, "
                + "lb: {hosts: {lb1: }}, db: {hosts: {db1: {ansible_host: 127.0.0.9}}}, all: {vars: {ansible_connection: local}}}"
            let service = """
                service: shop
                units: [shop.service]
                pool: {name: shop, balancers: lb, members: ap, port: 80}
                stages: {production: {inventory: hosts.yml\(keys)}}

                """
            for (name, text) in ["drover.yml": service, "hosts.yml": hosts] {
                try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
            }
            try await body(DroverProgram(in: folder, environment: ["DROVER_STATE": folder.path + "/state"]))
        }
    }

    @Test func severalHostsAreReadAtOnce() async throws {
        try await withStage { drover in
            let read = try await drover("sar", "ap", "1", "2", "-q", "--stage", "production").succeeded()
            let lines = read.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(
                lines.map { $0.count > 1 ? $0[1] : "" } == ["HOST", "ap1", "ap2", "ap1", "ap2", "HOST", "ap1", "ap2"])
            #expect(lines.suffix(3).allSatisfy { $0.first == "Average:" }, "\(read.output)")
            let json = try await drover("sar", "ap", "1", "1", "--stage", "production", "--format", "json").succeeded()
            #expect(WrittenJSON.mistakes(in: json.output) == [])
            #expect(
                json.output.contains(#""event":"average","figures""#) || json.output.contains(#""event":"average""#))
        }
    }

    @Test func ctrlCEndsReadingWithTheAverage() async throws {
        try await withStage { drover in
            let done = try await drover.run(
                ["sar", "ap1", "1", "--stage", "production"], sending: SIGINT, when: { $0.contains(" all ") })
            #expect(done.status == 0 && done.output.contains("\nAverage: "), "\(done.output)\(done.errors)")
            let top = try await drover.run(
                ["top", "production", "--interval", "1"], sending: SIGINT, when: { $0.contains("ap2") })
            #expect(top.status == 0 && !top.errors.contains("error"), "\(top.output)\(top.errors)")
        }
    }

    @Test func aStageIsShownByItsTiers() async throws {
        try await withStage { drover in
            let all = try await drover("top", "production", "--count", "1", "--interval", "1").succeeded()
            let names = all.output.split(separator: "\n").compactMap { $0.split(separator: " ").first.map(String.init) }
            #expect(
                names.filter { !$0.contains("haproxy") }.prefix(8) == [
                    "production", "TIER/HOST", "lb", "lb1", "ap", "ap1", "ap2", "db",
                ], "\(all.output)")
            let some = try await drover(
                "top", "production", "db", "--count", "1", "--interval", "1", "--format", "json"
            ).succeeded()
            #expect(WrittenJSON.mistakes(in: some.output) == [] && !some.output.contains("ap1"), "\(some.output)")
        }
    }

    /// What is promised of pages is the tier's that answers them, and no other's.
    @Test func hostsAreCountedForWhatIsPromised() async throws {
        let untold = "nobody counts its requests, so that the target is taken as twice the service time"
        for (keys, count) in [("", 0), (", slo: [{path: /, p99: 200ms}]", 1)] {
            try await withStage(keys) { drover in
                let said = try await drover("capacity", "production", "--for", "5s", "--format", "json").succeeded()
                #expect(said.output.ranges(of: untold).count == count, "\(said.output)")
            }
        }
    }

    @Test func aDiagnosisNamesEveryTier() async throws {
        try await withStage { drover in
            let said = try await drover("diagnose", "production", "--for", "5s", "--format", "json").succeeded()
            #expect(WrittenJSON.mistakes(in: said.output) == [])
            let tiers = said.output.matches(of: /"role" : "(\w+)"/).map { String($0.output.1) }
            #expect(tiers == ["lb", "ap", "db"], "\(said.output)")
            let advice = try await drover("advise", "hosts", "production", "--for", "5s", "--format", "json")
                .succeeded()
            let memory = try await drover("advise", "memory", "production", "--for", "5s", "--format", "json")
                .succeeded()
            let capacity = try await drover("capacity", "production", "--for", "5s", "--format", "json").succeeded()
            for answer in [advice, memory, capacity] {
                #expect(WrittenJSON.mistakes(in: answer.output) == [], "\(answer.output)")
            }
        }
    }

    @Test func storageIsAdvisedWithoutAnyHost() async throws {
        try await withStage { drover in
            let words = [
                "advise", "storage", "--count", "200M", "--average", "300", "--reads", "2000", "--transactions",
            ]
            let said = try await drover.run(words)
            #expect(said.status == 0 && said.output.hasPrefix("relational database"), "\(said.output)\(said.errors)")
            let json = try await drover.run(words + ["--format", "json"])
            #expect(WrittenJSON.mistakes(in: json.output) == [] && json.output.contains(#""kind" : "rdbms""#))
        }
    }

    @Test func whoHasNoAgentHasNoHistoryAndIsToldHowToGetOne() async throws {
        try #require(!FileManager.default.fileExists(atPath: "/usr/local/bin/drover-agent"))
        try await withStage { drover in
            let past = try await drover("sar", "ap1", "--stage", "production").ended(1)
            #expect(past.output == "" && past.errors.contains("no history: it has no agent"), "\(past.errors)")
            #expect(
                past.errors.contains("hint: an agent keeps a week of it: drover agent install ap1 --stage production"))
            let diagnosis = try await drover("diagnose", "production", "--from", "5m").ended(1)
            #expect(diagnosis.errors.contains("not asked: no history"), "\(diagnosis.errors)")
            let status = try await drover("agent", "status", "production", "--format", "json").ended(1)
            #expect(WrittenJSON.mistakes(in: status.output) == [] && status.output.contains(#""isInstalled" : false"#))
        }
    }
}
