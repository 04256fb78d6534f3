import AdHoc
import Fleet
import Testing

@testable import CLI

@Suite struct ProgressTests {
    @Test func linesWhereNobodyWatchesComeSoonAndThenSeldom() {
        var pace = BeatPace()
        var last = 0
        let said = (0...200).filter { second in
            guard pace.isDue(after: .seconds(second - last)) else { return false }
            last = second
            return true
        }
        #expect(said == [5, 15, 35, 65, 95, 125, 155, 185])
    }

    @Test func whoIsWaitedForIsNamedWhileTheyAreFew() throws {
        let hosts = try (1...9).map { try HostName("ap\($0)") }
        #expect(HostNames.few(hosts) == "ap[1-9]")
        let scattered = try ["delta.example.org", "echo.example.org", "golf.example.com", "x"].map { try HostName($0) }
        #expect(HostNames.few(scattered) == "delta.example.org, echo.example.org and 2 more")
        let many = try (1...1000).map { try HostName("web\($0)") }
        #expect(HostNames.few(many) == "web1, web2 and 998 more")
    }

    @Test func aFanOutSaysHowFarItIs() throws {
        let hosts = try (1...5).map { try HostName("ap\($0)") }
        let standing = FanOutStanding(inHand: [hosts[1]], left: [hosts[2], hosts[3]])
        #expect(FanOutProgress.words(standing, of: 5) == "2 of 5 hosts ended, waiting for ap[2-4]")
        #expect(FanOutProgress.words(FanOutStanding(inHand: [], left: []), of: 4) == "4 of 4 hosts ended")
    }
}
