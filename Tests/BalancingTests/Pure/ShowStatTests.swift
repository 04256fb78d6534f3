import Fleet
import Testing

@testable import Balancing

struct StatusCase: Sendable, CustomTestStringConvertible {
    let file: String, server: String
    let state: RunningMember.State
    let isHealthy: Bool
    let check: String
    var testDescription: String { "\(file): \(server)" }
}

@Suite struct ShowStatTests {
    @Test(arguments: [
        StatusCase(
            file: "two-up-one-in-maintenance.csv", server: "ap1", state: .up, isHealthy: true, check: "L7OK 200"),
        StatusCase(
            file: "two-up-one-in-maintenance.csv", server: "ap3", state: .maintenance, isHealthy: false, check: ""),
        StatusCase(file: "just-added.txt", server: "ap2", state: .down, isHealthy: false, check: "INI"),
        // Put back from maintenance: it gets traffic before its first check.
        StatusCase(file: "just-added.txt", server: "ap3", state: .up, isHealthy: false, check: "INI"),
        StatusCase(file: "late.csv", server: "ap1", state: .draining, isHealthy: true, check: "L7OK 200"),
        StatusCase(file: "late.csv", server: "ap2", state: .draining, isHealthy: true, check: "L7OK 200"),
        StatusCase(file: "late.csv", server: "ap3", state: .down, isHealthy: false, check: "L7STS 503"),
        StatusCase(
            file: "late.csv", server: "ap4", state: .down, isHealthy: false, check: "L4CON Connection refused"),
    ])
    func readsServers(_ expected: StatusCase) throws {
        let backend = try ShowStatParser.backend(SocketAnswer(Recorded.text(expected.file)).table)
        let server = try #require(backend[expected.server])
        #expect(server.state == expected.state)
        #expect(server.isHealthy == expected.isHealthy)
        #expect(server.check == expected.check)
        #expect(server.address?.address == "127.0.0.1")
        #expect(backend.id == 1_000_123)
    }

    @Test func readsWhatWasCounted() throws {
        let backend = try ShowStatParser.backend(SocketAnswer(Recorded.text("two-up-one-in-maintenance.csv")).table)
        let counters = try #require(backend["ap1"]?.counters)
        #expect(counters.answers == [0, 0, 3, 0, 0, 0])
        #expect(counters.requests == 3 && counters.failed == 0 && counters.chosen == 3)
        #expect(counters.responseTime == 0)
    }

    @Test(arguments: [
        // Answers with 5xx, without a connection, and broken off.
        ("hrsp_2xx,hrsp_5xx,econ,eresp,lbtot,rtime", "90,4,3,2,97,12", 97, 9),
        // A client's mistakes and impatience are no failures.
        ("hrsp_2xx,hrsp_4xx,hrsp_5xx,cli_abrt,wretr,lbtot,rtime", "90,10,0,5,3,100,12", 100, 0),
        // Of TCP only connections are counted.
        ("hrsp_2xx,econ,lbtot,rtime", ",3,100,", 100, 3),
        ("hrsp_2xx,hrsp_5xx,lbtot,rtime", "-5,99999999999999999999,100,-1", 0, 0),
    ])
    func countsRequestsAndFailures(_ columns: String, _ cells: String, _ requests: Int, _ failed: Int) throws {
        let lines = ["# pxname,svname,\(columns)", "app,ap1,\(cells)"].map { Substring($0) }
        let counters = try #require(try ShowStatParser.backend(lines)["ap1"]?.counters)
        #expect(counters.requests == requests)
        #expect(counters.failed == failed)
    }

    @Test(arguments: [
        ("a,b", ["a", "b"]), (",", ["", ""]), ("", [""]), (#"a,"b, c",d"#, ["a", "b, c", "d"]),
        (#""say ""no""",x"#, [#"say "no""#, "x"]),
    ])
    func splitsLines(_ line: String, _ cells: [String]) {
        #expect(ShowStatParser.cells(Substring(line)) == cells)
    }

    @Test func refusesWhatIsNoTable() {
        #expect(throws: ShowStatParser.Malformed.self) { try ShowStatParser.backend(["<html>"]) }
        #expect(throws: ShowStatParser.Malformed.self) { try ShowStatParser.backend([]) }
        #expect(throws: ShowStatParser.Malformed.self) { try ShowStatParser.backend(["# pxname,status", "app,UP"]) }
    }

    @Test(arguments: [
        ("just-added.txt", []), ("delete-refused.txt", ["Only servers in maintenance mode can be deleted."]),
        ("no-such-backend.txt", ["No such server.", "No such proxy."]),
    ])
    func findsRefusals(_ file: String, _ refusals: [String]) throws {
        #expect(try SocketAnswer(Recorded.text(file)).refusals == refusals)
    }

    @Test func findsUnknownCommandsThoughTheyCountAsInformation() throws {
        let refusals = try SocketAnswer(Recorded.text("unknown-command.txt")).refusals
        #expect(refusals.count == 1)
        #expect(refusals.first?.hasPrefix("Unknown command") == true)
    }

    @Test func knowsAMissingBackend() throws {
        #expect(try SocketAnswer(Recorded.text("no-such-backend.txt")).lacksBackend)
        #expect(try !SocketAnswer(Recorded.text("late.csv")).lacksBackend)
    }
}

@Test(arguments: [
    ("10.0.0.1:80", "10.0.0.1", 80, true), ("[fe80::1]:8080", "fe80::1", 8080, true), ("ap1:80", "ap1", 80, false),
    ("10.0.0.256:80", "10.0.0.256", 80, false), ("1.2.3:80", "1.2.3", 80, false), ("1.2.3.:80", "1.2.3.", 80, false),
])
func readsAddresses(_ text: String, _ address: String, _ port: Int, _ isLiteral: Bool) throws {
    let read = try #require(ServerAddress(text))
    #expect(read == ServerAddress(address: address, port: port))
    #expect(read.description == text)
    #expect(read.isLiteral == isLiteral)
}
