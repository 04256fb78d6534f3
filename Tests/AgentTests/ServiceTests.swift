import Foundation
import Glibc
import Sampling
import TestSupport
import Testing

@testable import Agent

/// The program at work on ports of its own, asked from outside.
struct ServiceTests {
    private final class Running {
        let agent: AgentProcess
        let place: HistoryPlace
        let page: UInt16, check: UInt16

        init(_ more: String = "") throws {
            place = try HistoryPlace()
            let ports = try FreePorts.take(2).map { UInt16($0) }
            (page, check) = (ports[0], ports[1])
            let configuration = place.path + "/agent.conf"
            let text = "metrics_port = \(page)\ncheck_port = \(check)\nhistory = \(place.path)\n\(more)\n"
            try text.write(toFile: configuration, atomically: true, encoding: .utf8)
            agent = try AgentProcess(["run", "--config", configuration])
            while agent.process.isRunning,
                Dial.ask(page, "GET /healthz HTTP/1.0\r\n\r\n")?.contains("\r\n\r\nok\n") != true
            { poll(nil, 0, 50) }
        }
    }

    @Test func itAnswersPrometheusAndBalancersAndEndsCleanly() throws {
        let running = try Running()
        let metrics = try #require(Dial.ask(running.page, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"))
        #expect(metrics.hasPrefix("HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        for name in [
            "node_cpu_seconds_total{cpu=\"0\",mode=\"user\"}", "node_memory_MemTotal_bytes",
            "drover_agent_weight_percent",
        ] {
            #expect(metrics.contains("\n\(name) "), "\(name)")
        }
        let health = try #require(Dial.ask(running.page, "GET /healthz HTTP/1.0\r\n\r\n"))
        for line in ["ok", "version \(ProgramVersion.text)", "scope machine"] {
            #expect(health.contains("\n\(line)\n"))
        }
        let head = try #require(Dial.ask(running.page, "HEAD /metrics HTTP/1.0\r\n\r\n"))
        #expect(head.hasSuffix("\r\n\r\n"))
        #expect(try #require(Dial.ask(running.page, "GET /other HTTP/1.0\r\n\r\n")).hasPrefix("HTTP/1.1 404 "))
        #expect(try #require(Dial.ask(running.page, "POST /metrics HTTP/1.0\r\n\r\n")).hasPrefix("HTTP/1.1 405 "))
        #expect(try #require(Dial.ask(running.page, "\r\n\r\n")).hasPrefix("HTTP/1.1 400 "))
        let long = String(repeating: "x", count: 9000)
        #expect(try #require(Dial.ask(running.page, long)).hasPrefix("HTTP/1.1 400 "))
        let weight = try #require(Dial.ask(running.check, ""))
        #expect(weight.wholeMatch(of: #/up (100|[2-9][05])%\n/#) != nil, "\(weight)")
        running.agent.process.terminate()
        running.agent.process.waitUntilExit()
        #expect(running.agent.process.terminationReason == .exit)
        #expect(running.agent.process.terminationStatus == 0)
    }

    /// Clients that say nothing, and ask nothing more, keep nobody out for long; another service's clients not at all.
    @Test func silentClientsHoldNobodyUp() throws {
        let running = try Running()
        let silent = (0..<100).map { _ in Dial.connect(running.page) }
        defer { for descriptor in silent { close(descriptor) } }
        let started = Date()
        #expect(Dial.ask(running.check, "")?.hasPrefix("up ") == true)
        #expect(Date().timeIntervalSince(started) < 4)
        while Dial.ask(running.page, "GET /healthz HTTP/1.0\r\n\r\n")?.contains("\nok\n") != true { poll(nil, 0, 100) }
        #expect(Date().timeIntervalSince(started) < 20)
        for descriptor in silent { #expect(Dial.rest(of: descriptor).isEmpty) }
    }

    @Test func prometheusOwnToolFindsNothingWrongButNodeExportersNames() throws {
        guard let tool = ["/usr/bin/promtool"].first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            return
        }
        let running = try Running()
        let answer = try #require(Dial.ask(running.page, "GET /metrics HTTP/1.0\r\n\r\n"))
        let body = try #require(answer.range(of: "\r\n\r\n"))
        let check = Process()
        let (input, output) = (Pipe(), Pipe())
        check.executableURL = URL(fileURLWithPath: tool)
        check.arguments = ["check", "metrics"]
        (check.standardInput, check.standardOutput, check.standardError) = (input, output, output)
        try check.run()
        try input.fileHandleForWriting.write(contentsOf: Data(answer[body.upperBound...].utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        check.waitUntilExit()
        // node_exporter's own names for what the kernel writes in mixed case.
        for line in said.split(separator: "\n")
        where !line.hasSuffix("metric names should be written in 'snake_case' not 'camelCase'") {
            Issue.record("\(line)")
        }
    }

    @Test func badSettingsEndItWithFileAndLine() throws {
        let place = try HistoryPlace()
        let path = place.path + "/agent.conf"
        try "listen = 127.0.0.1\nmetrics_prot = 5\n".write(toFile: path, atomically: true, encoding: .utf8)
        let answer = try AgentProcess.run(["run", "--config", path])
        #expect(answer.status == 78)
        #expect(answer.errors.hasPrefix("error: \(path):2: 'metrics_prot' is not a key"))
    }

    @Test func aPortThatIsTakenIsSaid() throws {
        let running = try Running()
        let path = running.place.path + "/other.conf"
        try "metrics_port = \(running.page)\nhistory =\n".write(toFile: path, atomically: true, encoding: .utf8)
        let answer = try AgentProcess.run(["run", "--config", path])
        #expect(answer.status == 1)
        #expect(answer.errors == "error: port \(running.page): Address already in use\n")
    }

    @Test func aTokenIsAskedOfOthers() throws {
        let state = AgentState()
        let page = AgentPage(state: state, token: "0123456789abcdef")
        func status(_ header: String) -> String? {
            PageRequest(Array("GET /metrics HTTP/1.1\r\n\(header)\r\n".utf8), tooLong: false)
                .map { page.answer(to: $0, kept: nil, at: 0).status }
        }
        #expect(status("") == "401 Unauthorized")
        #expect(status("Authorization: Bearer 0123456789abcdee\r\n") == "401 Unauthorized")
        // Let in, though nothing was measured yet.
        #expect(status("Authorization: Bearer 0123456789abcdef\r\n") == "503 Service Unavailable")
    }
}
