import Foundation
import TestSupport
import Testing

/// Two controllers of one stage whose clocks are hours apart, and who of them stands still in the middle of a rollout.
struct ShiftedClocks: Sendable, CustomTestStringConvertible {
    /// By how many seconds the clock of the one that is paused is wrong.
    var paused = 0
    /// The same of the one that takes over.
    var other = 0
    var testDescription: String { "paused \(paused / 3600) h off, the other \(other / 3600) h" }
}

extension CrashEndToEndTests {
    @Test(
        arguments: LongForm.cases([
            ShiftedClocks(paused: -7200), ShiftedClocks(paused: 7200), ShiftedClocks(other: 7200),
        ]))
    func aWrongClockWritesNothingAfterItsLeaseIsLost(_ clocks: ShiftedClocks) async throws {
        let lab = try ServiceLab.shared
        _ = try await next(lab)
        try await withTemporaryFolder { folder in
            let library = folder.appendingPathComponent("clock.so")
            try await CProgram.clock.made(as: library)
            let clone = folder.appendingPathComponent("clone")
            try FileManager.default.createDirectory(at: clone, withIntermediateDirectories: true)
            var (one, other) = (lab.drover, try Colleague(of: lab, in: clone))
            one.run(with: library, wrongBy: clocks.paused)
            other.drover.run(with: library, wrongBy: clocks.other)
            let (end, written) = try await takeOver(from: one, by: other, lab, wrongBy: clocks.paused)
            #expect(end.status == 5, "\(end.output.suffix(1500))\n\(end.errors)")
            #expect(written.isEmpty, "\(written)")
        }
        #expect(try await lab.runningBuilds().count == 1)
        try await lab.drover("pool", "verify", "production").succeeded()
    }

    /// The one begins, stands still for longer than its lease lasts, and goes on when the other has ended what it began.
    /// - Returns: How the one ended, and what was written on any host or balancer once it went on.
    private func takeOver(
        from one: DroverProgram, by other: Colleague, _ lab: ServiceLab, wrongBy seconds: Int
    ) async throws -> (end: Transcript, written: [String]) {
        let (paused, seen) = (OneShot(), Stands())
        let end = try await one.watched(["promote", "--format", "json"]) { line, process in
            seen.expect(seconds, in: line)
            guard line.contains(#""event":"intent""#), line.contains(#""action":"activate""#), seen.isFirst else {
                return
            }
            kill(process, SIGSTOP)
            paused.start {
                defer { kill(process, SIGCONT) }
                // Its lease stands by the hosts' own clocks, whatever the other thinks of the time.
                let refused = try await other("rollback", "production")
                #expect(refused.status == 5, "\(refused.errors)")
                try await other("rollout", "resume", "production", "--lock-wait", "90s").succeeded()
                seen.take(try await Self.stand(lab))
            }
        }
        try await paused.finish()
        let after = try await Self.stand(lab)
        return (end, Array(after.symmetricDifference(seen.stand)).sorted())
    }

    /// Every file of Drover's and of the service on every host and balancer, with when it was written, and what HAProxy runs.
    private static func stand(_ lab: ServiceLab) async throws -> Set<String> {
        let files =
            #"find /var/lib/drover /srv/bookmark /etc/haproxy /etc/systemd/system -printf '%p %T@ %i %l\n' 2>/dev/null"#
        let units = "systemctl show --property=MainPID --value bookmark bookmark-worker 2>/dev/null"
        let servers =
            #"perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or exit; "#
            + #"print $s "show servers state bookmark\n"; $s->shutdown(1); print map { join " ", (split)[3 .. 6] , "\n" } <$s>'"#
        var stand: Set<String> = []
        for host in ["ap1", "ap2", "ap3", "lb1", "lb2"] {
            let seen = try await lab.on(host, "\(files); \(units); \(servers); true").succeeded()
            stand.formUnion(seen.output.split(separator: "\n").map { "\(host) \($0)" })
        }
        return stand
    }
}

extension DroverProgram {
    /// Has it run with a wall clock that is wrong.
    fileprivate mutating func run(with library: URL, wrongBy seconds: Int) {
        environment["LD_PRELOAD"] = library.path
        environment["CLOCK_SHIFT"] = "\(seconds)"
    }
}
