import Fleet
import Foundation
import Playbooks
import Rollouts
import Testing

@testable import CLI

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// What an XML reader that is none of ours finds in a report.
final class ReportReader: NSObject, XMLParserDelegate {
    struct Test: Equatable {
        var place: String
        var failure: String?
        var isSkipped = false
    }

    private(set) var tests: [Test] = []
    private(set) var said = ""

    static func read(_ text: String) throws -> ReportReader {
        let reader = ReportReader()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = reader
        try #require(parser.parse(), "\(String(describing: parser.parserError)): \(text)")
        return reader
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        switch name {
        case "testcase": tests.append(Test(place: "\(attributes["classname"] ?? "") \(attributes["name"] ?? "")"))
        case "failure": tests[tests.count - 1].failure = attributes["message"]
        case "skipped": tests[tests.count - 1].isSkipped = true
        default: break
        }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { said += string }
}

@Suite struct JUnitTests {
    private func text(_ cases: [JUnitCase]) -> String {
        JUnitText(title: "drover rollout", cases: cases, time: .seconds(2)) {
            $0.replacingOccurrences(of: "hunter2", with: "***")
        }.text
    }

    /// Whatever a host says, the report can be read, and says it.
    @Test func isWellFormedWhateverHostsSay() throws {
        let all = String(String.UnicodeScalarView((0...0x2100).compactMap(Unicode.Scalar.init)))
        for hostile in [all, "]]>", "<!--", "&amp;", "\u{FFFE}\u{FFFF}\u{10FFFF}", "\u{1b}[2J\0\"'<a b=\"", "hunter2"] {
            let outcome = JUnitCase.Outcome.failed(type: hostile, message: hostile, detail: [hostile, hostile])
            let report = try ReportReader.read(text([JUnitCase(group: hostile, name: hostile, outcome: outcome)]))
            #expect(report.tests.count == 1 && report.tests[0].failure != nil)
            #expect(!report.said.contains("hunter2"))
        }
        let report = try ReportReader.read(
            text([JUnitCase(group: "g", name: "n", outcome: .failed(type: "t", message: "a<b\u{7}\"&\n", detail: []))]))
        #expect(report.tests[0].failure == #"a<b\x07"&\n"#)
    }

    private func entries(_ events: [RolloutEvent]) -> JUnitCases {
        var cases = JUnitCases()
        for (index, event) in events.enumerated() {
            let at = Timestamp(milliseconds: Int64(index) * 1000)
            cases.apply(RolloutEntry(sequence: Int64(index + 1), at: at, event: event))
        }
        return cases
    }

    @Test func hostsAndGatesAreCases() throws {
        let hosts = try ["ap1", "ap2", "ap3"].map { try HostName($0) }
        let build = try BuildDigest(String(repeating: "2", count: 64))
        let plan = RolloutPlan(stage: "staging", build: build, hosts: hosts)
        let finding = GateReport.Finding(gate: "scripts/smoke", verdict: .fail, reason: "status 1")
        let error = RolloutError(.unhealthy, host: hosts[1], "not healthy after 15 s", detail: ["500"])
        let cases = entries([
            .started(plan), .intent(.observe(hosts[2])), .intent(.drain(hosts[0])), .done(.drain(hosts[0]), note: nil),
            .done(.admit(hosts[0]), note: nil), .intent(.activate(hosts[1], build.release)),
            .failed(.check(hosts[1], build.release), error), .intent(.judge(batch: 0)),
            .judged(batch: 0, GateReport([finding, .init(gate: "GET /", verdict: .pass, reason: "200")])),
            .turnedBack(.gate(finding)), .finished(.rolledBack),
        ]).all
        #expect(cases.map(\.name) == ["ap1", "ap2", "ap3", "scripts/smoke", "GET /"])
        #expect(cases[0].time == .seconds(2) && cases[3].time == .seconds(1))
        #expect(
            cases.map(\.group).prefix(4) == ["staging.hosts", "staging.hosts", "staging.hosts", "staging.gates.batch1"])
        let report = try ReportReader.read(text(cases)).tests
        #expect(report.map(\.isSkipped) == [false, false, true, false, false])
        #expect(
            report.map(\.failure) == [
                "went back: gate scripts/smoke failed: status 1", "not healthy after 15 s", nil, "status 1", nil,
            ])
    }
}
