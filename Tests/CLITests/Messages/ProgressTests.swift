import AdHoc
import Fleet
import SSH
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

    @Test func whatIsOnItsWayIsToldTogetherAndNeverFallsBack() throws {
        let (one, two) = (try HostName("ap1"), try HostName("ap2"))
        let tally = UploadTally()
        func note(_ host: HostName, _ sent: Int, isOver: Bool = false) {
            tally.note(UploadProgress(host: host, path: "/b", sent: sent << 20, size: 40 << 20, isOver: isOver))
        }
        #expect(tally.words() == nil)
        note(one, 10)
        note(two, 30)
        #expect(tally.words() == "40.0 MiB of 80.0 MiB sent (50%)")
        #expect(tally.words(for: one) == "10.0 MiB of 40.0 MiB sent (25%)")
        note(two, 40, isOver: true)
        #expect(tally.words() == "50.0 MiB of 80.0 MiB sent (62%)" && tally.words(for: two) == nil)
        note(one, 40, isOver: true)
        #expect(tally.words() == nil)
        tally.note(UploadProgress(host: one, path: "/small", sent: 1, size: 500_000))
        #expect(tally.words() == nil, "it is there before anybody has read the line")
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
