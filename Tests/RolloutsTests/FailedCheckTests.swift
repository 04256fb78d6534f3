import Fleet
import Foundation
import Rollouts
import TestSupport
import Testing

/// What is said of a service that does not become healthy, by the scripts that hosts run.
@Suite(.timeLimit(.minutes(1))) struct FailedCheckTests {
    /// A host that runs a release, whose journal has 30 lines. As before systemd 254, `--lines` beside `--since` counts from
    /// the beginning.
    private func withHost(
        state: String, _ body: (ReleaseHost, ReleaseID) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            let host = try ReleaseHost(in: folder)
            let build = try await host.build("one")
            let releases = host.releases(builds: [build])
            _ = try await releases.deliver(build.digest, to: host.name)
            try await releases.activate(build.digest.release, on: host.name, revertAfter: nil)
            try host.replace("systemctl", by: "echo \(state)")
            try host.replace(
                "journalctl",
                by: """
                    case "$*" in
                    *--since*--lines*) seq -f 'line %g' 10;;
                    *) seq -f 'line %g' 30;;
                    esac
                    """)
            try await body(host, build.digest.release)
        }
    }

    private let lastLines = (21...30).map { "line \($0)" }

    @Test func theLastLinesOfTheUnitAreShownWithWhatToDo() async throws {
        try await withHost(state: "activating") { host, release in
            let error = await expectError(.unhealthy) {
                _ = try await host.releases().check(release, on: host.name, patience: .seconds(1))
            }
            let refused = "GET /healthz gives connect to 127.0.0.1:1: Connection refused"
            #expect(error?.message == "not healthy after 1 s: \(refused)")
            #expect(error?.detail == ["bookmark.service: activating"] + lastLines)
            #expect(
                error?.hints == [
                    "nothing listens at 127.0.0.1:1: is that the port the service is set to?",
                    "see more of its log: drover logs production ap1 --since 10m",
                ])
        }
    }

    @Test func aUnitThatHasFailedIsNotWaitedFor() async throws {
        try await withHost(state: "failed") { host, release in
            let start = ContinuousClock.now
            let error = await expectError(.unhealthy) {
                _ = try await host.releases().check(release, on: host.name, patience: .seconds(3000))
            }
            #expect(ContinuousClock.now - start < .seconds(50))
            #expect(error?.message.hasPrefix("bookmark.service has failed: GET /healthz gives connect to") == true)
            #expect(error?.detail == ["bookmark.service: failed"] + lastLines)
            #expect(error?.hints.first == "why it failed is in its last lines above")
        }
    }

    @Test func anAnswerThatIsNotTheExpectedOneSaysWhichIs() async throws {
        try await withHost(state: "active") { host, release in
            let service = try AnsweringListener("HTTP/1.0 500 Broken\r\n\r\nno database")
            var host = host
            host.pool.members[0].port = service.port
            let error = await expectError(.unhealthy) { [host] in
                _ = try await host.releases().check(release, on: host.name, patience: .seconds(1))
            }
            #expect(service.request().hasPrefix("GET /healthz "))
            #expect(error?.message == "not healthy after 1 s: GET /healthz gives 500 Broken")
            #expect(error?.detail.prefix(2) == ["no database", "bookmark.service: active"])
            let hint = "it is healthy when GET /healthz gives 200-299 (check: in the service's file)"
            #expect(error?.hints.first == hint)
        }
    }
}
