import Fleet
import Inventories
import Synchronization
import TestSupport
import Testing

@testable import AdHoc

/// This machine under many names; some of them can't be reached.
private final class ManyNames: Connector {
    private let unreachable: Set<String>
    private let opened = Mutex<[HostName]>([])

    init(unreachable: Set<String> = []) { self.unreachable = unreachable }

    var names: [String] { opened.withLock { $0.map(\.description) } }

    func transport(to endpoint: Endpoint) async throws(TransportError) -> any Transport {
        if unreachable.contains(endpoint.host.description) {
            throw TransportError(.unreachable, host: endpoint.host, "connection refused")
        }
        opened.withLock { $0.append(endpoint.host) }
        return LocalShellTransport(host: endpoint.host)
    }

    func closeAll() async {}
}

@Suite struct FanOutTests {
    private func fanOut(
        _ count: Int, _ connector: ManyNames = ManyNames(), _ pace: Pace = Pace(), _ stop: StopSignal = StopSignal()
    ) throws -> FanOut {
        let routes = try (1...count).map { Route(host: try HostName("h\($0)"), name: "127.0.0.1") }
        return FanOut(routes, over: Dialer(connector), at: pace, until: stop)
    }

    private func said(_ answer: HostAnswer<String>) -> String {
        switch answer.result {
        case .success(let text): text
        case .failure(let error): error.code.description
        case nil: "left out"
        }
    }

    private static let name: FanOut.Work<String> = { transport, _ throws(TransportError) in
        try await transport.run(RemoteCommand(shell: "echo \(transport.host)")).text
    }

    @Test func answersComeInTheHostsOrder() async throws {
        let answers = try await fanOut(12).answers(Self.name)
        #expect(answers.map(said) == (1...12).map { "h\($0)\n" })
        #expect(answers.allSatisfy { $0.isSuccess && $0.elapsed.map { $0 > .zero } == true })
    }

    @Test func aHostThatCannotBeReachedIsAnAnswerToo() async throws {
        let answers = try await fanOut(3, ManyNames(unreachable: ["h2"])).answers(Self.name)
        #expect(answers.map(said) == ["h1\n", "unreachable", "h3\n"])
        #expect(answers[1].elapsed == nil && !answers[1].isSuccess)
    }

    @Test func eachAnswerIsHandedOverOnce() async throws {
        let counts = Mutex<[Int]>([])
        _ = try await fanOut(20, ManyNames(), Pace(inHand: 3)).answers(Self.name) { count in
            counts.withLock { $0.append(count) }
        }
        #expect(counts.withLock(\.self) == Array(1...20))
    }

    @Test func noHostIsConnectedToAfterStop() async throws {
        let connector = ManyNames()
        let stop = StopSignal()
        let fanOut = try fanOut(4, connector, Pace(inHand: 1), stop)
        let answers = await fanOut.answers { transport, _ throws(TransportError) in
            #expect(fanOut.standing.inHand == [transport.host])
            #expect(fanOut.standing.left.map(\.description) == ["h2", "h3", "h4"])
            stop.raise()
            return "done"
        }
        #expect(answers.map(said) == ["done", "left out", "left out", "left out"])
        #expect(connector.names == ["h1"])
        #expect(fanOut.standing == FanOutStanding(inHand: [], left: Array(fanOut.hosts.dropFirst())))
    }

    @Test(arguments: [(0, 1), (40, 3), (100, 5)])
    func noHostIsBegunOnceTooManyFailed(_ percent: Int, _ begun: Int) async throws {
        let connector = ManyNames()
        let ends = Mutex<[Bool]>([])
        let command = CommandFanOut(RemoteCommand(shell: "exit 3"))
        let fanOut = try fanOut(5, connector, Pace(inHand: 1, failPercent: percent))
        let isComplete = await command.perform(with: fanOut) { event in
            if case .ended(let end) = event { ends.withLock { $0.append(end.result == nil) } }
        }
        #expect(!isComplete && connector.names.count == begun)
        #expect(ends.withLock(\.self) == (0..<5).map { $0 >= begun })
    }

    @Test(arguments: [("echo out; echo err >&2", true), ("echo out; echo err >&2; exit 1", false)])
    func aCommandTellsWhatItWritesBeforeItEnds(_ script: String, _ isFine: Bool) async throws {
        let seen = Mutex<[HostName: [String]]>([:])
        let isComplete = try await CommandFanOut(RemoteCommand(shell: script)).perform(with: fanOut(3)) { event in
            switch event {
            case .wrote(let host, let stream, let bytes):
                seen.withLock { $0[host, default: []].append("\(stream) \(String(decoding: bytes, as: UTF8.self))") }
            case .ended(let end): seen.withLock { $0[end.host, default: []].append("end \(end.isSuccess)") }
            }
        }
        #expect(isComplete == isFine)
        let expected = ["output out\n", "errors err\n", "end \(isFine)"]
        #expect(seen.withLock { $0.count == 3 && $0.values.allSatisfy { $0 == expected } })
    }

    @Test func aPaceIsNeverFasterThanItsCap() {
        #expect(Pace().capped(at: 7).begun == 7)
        #expect(Pace(inHand: 3).capped(at: 9).capped(at: 7).begun == 7)
        #expect(Pace(inHand: 3).capped(at: 7).inHand == 3)
    }
}
