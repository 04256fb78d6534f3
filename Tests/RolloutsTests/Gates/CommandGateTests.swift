import Foundation
import TestSupport
import Testing

@testable import Rollouts

@Suite struct CommandGateTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let testDescription: String, verdict: Verdict, reason: String

        init(_ line: String, _ verdict: Verdict, _ reason: String) {
            (testDescription, self.verdict, self.reason) = (line, verdict, reason)
        }
    }

    @Test(arguments: [
        Line("true", .pass, "exit status 0"), Line("echo fine; echo", .pass, "fine"),
        Line("echo quiet; exit 75", .insufficient, "quiet"), Line("echo bad >&2; exit 3", .fail, "bad (exit status 3)"),
        Line("exit 9", .fail, "exit status 9"), Line("no-such-program", .fail, "(exit status 127)"),
        Line("echo $DROVER_STAGE $PWD", .pass, "production /"),
        Line("head -c 3000000 /dev/zero | tr '\\0' 'x'; echo; echo end", .pass, "end"),
        Line("trap '' TERM; echo deaf; while :; do sleep 1; done", .fail, "not done after 1 s"),
        Line("sleep 60 & echo done", .pass, "done"),
        Line("setsid sleep 60 </dev/null & echo left", .pass, "left"),
    ])
    func endsInItsTimeWithAVerdict(_ line: Line) async throws {
        let gate = CommandGate(
            line: line.testDescription, folder: "/", environment: ["DROVER_STAGE": "production"],
            timeout: line.reason.hasPrefix("not done") ? .seconds(1) : .seconds(300))
        let (verdict, reason) = await gate.ask()
        #expect(verdict == line.verdict, "\(reason)")
        #expect(reason.contains(line.reason), "\(reason)")
    }
}
