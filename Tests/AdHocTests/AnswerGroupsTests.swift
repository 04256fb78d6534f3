import Fleet
import Testing

@testable import AdHoc

@Suite struct AnswerGroupsTests {
    private let hosts: [HostName]

    init() throws { hosts = try (1...6).map { try HostName("h\($0)") } }

    private func answer(_ host: Int, _ text: String, _ result: Result<Int32, TransportError>? = .success(0))
        -> CommandAnswer
    {
        let store = OutputStore(.mebibytes(1))
        if !text.isEmpty { store.take(Array(text.utf8), .output, from: hosts[host - 1]) }
        return store.answer(CommandEnd(hosts[host - 1], result))
    }

    private func drawn(_ groups: AnswerGroups) -> [String] {
        groups.groups.map { group in
            "\(group.status) \(group.output.text) \(group.hosts.map(\.description).joined(separator: ","))"
        }
    }

    @Test func hostsThatSaidTheSameStandTogetherInOrder() {
        var groups = AnswerGroups(hosts)
        for (host, text) in [(5, "b"), (2, "a"), (6, "a"), (1, "b")] { groups.add(answer(host, text)) }
        groups.add(answer(3, "a", .success(1)))
        #expect(drawn(groups) == ["0 b h1,h5", "0 a h2,h6", "1 a h3"])
        #expect(groups.count == 5 && groups.leftOut.isEmpty && groups.unfinished.isEmpty)
    }

    @Test func hostsWithoutAStatusAreKeptApart() {
        var groups = AnswerGroups(hosts)
        let lost = TransportError(.connectionLost, host: hosts[3], "connection lost")
        groups.add(answer(4, "half", .failure(lost)))
        groups.add(answer(6, "", nil))
        groups.add(answer(2, "", .failure(TransportError(.unreachable, host: hosts[1], "connection refused"))))
        groups.add(answer(5, "", nil))
        #expect(groups.groups.isEmpty)
        #expect(groups.unfinished.map { "\($0.host) \($0.output.text)" } == ["h2 ", "h4 half"])
        #expect(groups.unfinished.last?.end.error == lost)
        #expect(groups.leftOut == [hosts[4], hosts[5]])
    }

    /// Equal answers take room once; once different ones fill it, of further ones only the end is kept.
    @Test func thousandsOfLongAnswersDoNotFillMemory() {
        var groups = AnswerGroups(hosts, most: ByteCount(10), least: ByteCount(2))
        for host in [1, 2] { groups.add(answer(host, "12345678")) }
        groups.add(answer(3, "abcdefgh"))
        groups.add(answer(4, "ABCDEFGH"))
        #expect(drawn(groups) == ["0 12345678 h1,h2", "0 abcdefgh h3", "0 GH h4"])
        #expect(groups.groups.last?.output.omitted == 6)
    }
}
