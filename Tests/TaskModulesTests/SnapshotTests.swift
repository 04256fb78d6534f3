import Testing
import Values

@testable import TaskModules

/// What is known of a host, answer by answer.
@Suite struct SnapshotTests {
    private func answers(_ clock: Int, _ paths: [String] = []) -> ProbeAnswers {
        var answers: [Probe: Answer] = [.clock: .clock(clock)]
        for path in paths { answers[.path(path)] = .path(PathState(.file, mode: 0o644, size: clock)) }
        return ProbeAnswers(answers)
    }

    @Test(arguments: [1, 2, 6, 7, 20])
    func theLatestAnswerCounts(_ times: Int) {
        var snapshot = Snapshot()
        for time in 1...times { snapshot.merge(answers(time, ["/every", "/of/\(time)"])) }
        #expect(snapshot[.clock] == .clock(times))
        #expect(snapshot.path("/every")?.size == times)
        for time in 1...times { #expect(snapshot.path("/of/\(time)")?.size == time) }
        #expect(snapshot.missing([.clock, .session, .path("/of/1"), .path("/of/0")]) == [.session, .path("/of/0")])
    }

    @Test func whatIsForgottenHasNoEarlierAnswer() {
        var snapshot = Snapshot()
        for time in 1...3 { snapshot.merge(answers(time, ["/a", "/b"])) }
        snapshot.forget(.paths(["/a"]))
        #expect(snapshot[.path("/a")] == nil && snapshot.path("/b")?.size == 3)
        snapshot[.path("/b")] = nil
        #expect(snapshot[.path("/b")] == nil && snapshot[.clock] == .clock(3))
        snapshot[.path("/a")] = .absent
        #expect(snapshot[.path("/a")] == .absent)
    }

    /// Hosts that are asked with one script have answers of their own.
    @Test func hostsShareQuestionsAndNotAnswers() throws {
        let script = ProbeScript([.clock, .clock])
        let said = ["=1\0\0", "=2\0\0"].map { Array($0.utf8) }
        let both = try said.map { try script.answers(in: $0) }
        #expect(both[0][.clock] == .clock(1) && both[1][.clock] == .clock(2))
        var changed = both[0]
        changed[.clock] = .clock(3)
        #expect(both[0][.clock] == .clock(1) && changed[.clock] == .clock(3))
        changed[.session] = .absent
        #expect(changed[.session] == nil)
    }
}
