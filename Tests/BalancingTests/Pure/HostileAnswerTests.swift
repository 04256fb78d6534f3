import Fleet
import TestSupport
import Testing

@testable import Balancing

/// Whatever a balancer answers is read or refused; nothing ends the process.
@Suite struct HostileAnswerTests {
    /// Words that answers are made of, true ones among them.
    private static let words = [
        "# pxname,svname,status,scur,qcur,iid,check_health,check_rise,check_fall,addr", "app,ap1,UP,", "app", "BACKEND",
        ",", "\n", "\"", "\"\"", "[3]: ", "[6]", "[", "]", "[99999999999999999999]", ":", " ", "server ", "backend ",
        "id ",
        "check", "disabled", "10.0.0.1:80", "[::1]:80", "[", "9223372036854775807", "-9223372036854775808",
        "18446744073709551616", "+1", "-0", "1e9", "\u{0}", "\u{1B}[2J", "\u{FFFD}", "é", "\r", "\r\n",
        "default-server inter ",
        "99999999999999ms rise 2 fall 3", "1ms rise 9223372036854775807 fall 1", "http-check send meth GET uri ",
        "Unknown command", "No such proxy.", "ap1 200 OK", "ap1 2000", "ap1 ٣٠٠ x",
        String(repeating: "a", count: 3_000),
    ]

    private func text(_ random: inout Dice) -> String {
        (0..<Int.random(in: 0...40, using: &random)).map { _ in
            Self.words.randomElement(using: &random) ?? ""
        }.joined(separator: Bool.random(using: &random) ? "" : ",")
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func anyTextIsReadOrRefused(seed: UInt64) throws {
        var random = Dice(seed)
        for _ in 0..<25 {
            let text = text(&random)
            let answer = SocketAnswer(text)
            let file = PoolFile(parsing: text)
            // What is read once is read the same again.
            #expect(PoolFile(parsing: file.text) == PoolFile(parsing: PoolFile(parsing: file.text).text))
            #expect(file.check.map { $0.interval > .zero && $0.rise > 0 && $0.fall > 0 } ?? true)
            for (member, said) in TrialAnswer(text).answers {
                let passes = TrialAnswer("\(member) \(said)").refusal(of: member, expecting: 200...399) == nil
                #expect(!passes || said.hasPrefix("2") || said.hasPrefix("3"))
            }
            guard let backend = try? ShowStatParser.backend(answer.table) else { continue }
            exercise(backend, file)
        }
    }

    @Test(arguments: [Int.max, Int.min, Int.max - 1, 0, -1])
    func numbersAtTheirLimitsAreSummed(_ number: Int) throws {
        let columns =
            "# pxname,svname,status,scur,qcur,iid,check_health,check_rise,check_fall,used_conn_cur,idle_conn_cur"
        let row = "app,ap1,UP," + Array(repeating: "\(number)", count: 8).joined(separator: ",")
        let backend = try ShowStatParser.backend([Substring(columns), Substring(row)])
        let server = try #require(backend["ap1"])
        _ = server.isHealthy
        #expect(server.sessions + server.queued + server.connections <= 5 << 40)
        exercise(backend, PoolFile(parsing: ""))
    }

    /// Everything that is decided by what was read.
    private func exercise(_ backend: BackendStatus, _ file: PoolFile) {
        _ = MembershipPlanner.servers(file: file, running: backend)
        let model = BalancerAlignment.Model(file: file, status: backend)
        if let wanted = BalancerAlignment.file(like: [model, model]) {
            _ = BalancerAlignment.commands(to: wanted, from: backend)
            _ = BalancerAlignment.isMet(wanted, by: backend)
        }
        for server in backend.servers {
            _ = (server.state, server.isHealthy, server.isGone, server.check)
            _ = MembershipPlanner.removal(server.name, in: backend)
            _ = MembershipPlanner.draining(server.name, in: backend)
        }
    }
}
