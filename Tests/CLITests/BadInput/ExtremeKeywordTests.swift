import Foundation
import TestSupport
import Testing

/// Keywords and options with values that no machine can count to: an answer or an error, and never a crash.
struct ExtremeKeywordTests {
    private static let values = [
        "0", "-1", "9223372036854775807", "9223372036854775808", "1e308", ".inf", ".nan", "999999999999%", "'%'",
        "[1, 9223372036854775807]", "null", "12:34:56:78:90:12:34:56:78:90:12:34:56", "\"{{ 10 ** 30 }}\"",
        "\"{{ 1e308 * 10 }}\"",
    ]

    /// Where a value stands in a play that runs on this machine.
    private static let plays = [
        "serial": "  serial: VALUE\n  tasks: [{debug: {msg: x}}]",
        "max_fail_percentage": "  max_fail_percentage: VALUE\n  tasks: [{debug: {msg: x}}]",
        "throttle": "  throttle: VALUE\n  tasks: [{debug: {msg: x}}]",
        "port": "  port: VALUE\n  tasks: [{debug: {msg: x}}]",
        "timeout": "  tasks: [{command: 'true', timeout: VALUE}]",
        "retries": "  tasks: [{command: 'true', retries: VALUE, delay: 0, until: true}]",
        "delay": "  tasks: [{command: 'true', retries: 1, delay: VALUE, until: true}]",
        "async": "  tasks: [{command: 'true', async: VALUE, poll: 1}]",
        "poll": "  tasks: [{command: 'true', async: 5, poll: VALUE}]",
        "loop": "  tasks: [{debug: {msg: x}, loop: VALUE}]",
        "pause": "  tasks: [{debug: {msg: x}, loop: [1], loop_control: {pause: VALUE}}]",
        "sequence": "  tasks: [{debug: {msg: x}, with_sequence: 'start=1 end=VALUE stride=1000000000000000000'}]",
    ]

    @Test(arguments: plays.keys.sorted())
    func aPlayEndsWithAStatus(_ keyword: String) async throws {
        let play = try #require(Self.plays[keyword])
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder)
            for value in Self.values {
                let text = "- hosts: all\n  gather_facts: false\n\(play.replacing("VALUE", with: value))\n"
                try text.write(
                    to: folder.appendingPathComponent("play.yml"), atomically: true, encoding: .utf8)
                let answer = try await drover("plan", "play.yml", "-i", "localhost,", "-e", "ansible_connection=local")
                #expect([0, 1, 64].contains(answer.status), "\(keyword): \(value): \(answer.status) \(answer.errors)")
            }
        }
    }

    @Test(arguments: ["-f", "--timeout", "--serial", "--fail-percent", "--connect-timeout", "--keep"])
    func anOptionIsTakenOrRefused(_ option: String) async throws {
        try await withTemporaryFolder { folder in
            let inventory = folder.appendingPathComponent("hosts")
            try "localhost ansible_connection=local\n".write(to: inventory, atomically: true, encoding: .utf8)
            let drover = DroverProgram(in: folder)
            for value in ["5", "-1", "9223372036854775807", "9223372036854775808", "1e308", "nan", "inf", "99999%", ""]
            {
                let answer = try await drover("run", "-i", "hosts", "\(option)=\(value)", "all", "--", "true")
                let lawful: Set<Int32> = value == "5" ? [0] : [0, 1, 64]
                #expect(lawful.contains(answer.status), "\(option) \(value): \(answer.status) \(answer.errors)")
            }
        }
    }
}
