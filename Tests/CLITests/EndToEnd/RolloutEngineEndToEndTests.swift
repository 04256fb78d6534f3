import Foundation
import TestSupport
import Testing

/// Builds and hosts that go bad in the middle of a rollout, on real hosts, under counted requests.
///
/// Each test leaves the fleet whole again, whatever build it runs.
@Suite(
    .labHosts, .serialized, .servingLedger,
    .timeLimit(.minutes(20)))
struct RolloutEngineEndToEndTests {
    /// The build that runs, and a version that never ran.
    private func begin(_ lab: FaultLab) async throws -> (running: String, next: String) {
        let running = try #require(try await lab.runningBuilds()["ap1"])
        return (running, "\((Int(running) ?? 0) + 1)")
    }

    /// The hosts that a rollout's events say were switched to a new release, in order.
    private func switched(_ output: String) -> [String] {
        output.split(separator: "\n").compactMap { line in
            guard line.contains(#""action":"activate""#), line.contains(#""event":"intent""#) else { return nil }
            return FaultLab.members.first { line.contains(#""host":"\#($0)""#) }
        }
    }

    /// Says something to a balancer's HAProxy.
    private func say(_ words: String, to balancer: String, _ lab: FaultLab) async throws {
        let program = #"""
            perl -MIO::Socket::UNIX -e 'my $s = IO::Socket::UNIX->new(Peer => "/run/haproxy/admin.sock") or die;
                print $s "@ARGV\n"; $s->shutdown(1); print while <$s>' -- 
            """#
        try await lab.on(balancer, program + words).succeeded()
    }

    @Test func aCrashLoopIsFoundOnTheCanary() async throws {
        let lab = try FaultLab.shared
        let (running, next) = try await begin(lab)
        let build = try await lab.build(next, .crashing)
        let (rollout, load) = try await lab.counting {
            try await lab.drover("rollout", "lab", build, "--format", "json")
        }
        #expect(rollout.status == 3, "\(rollout.errors)")
        #expect(Set(switched(rollout.output)).count == 1, "\(switched(rollout.output))")
        #expect(rollout.errors.contains("restarted by systemd") || rollout.errors.contains("ledger.service is"))
        // Only what was in the canary's hands when it ended.
        #expect(load.failed.count < 30, "\(load.failed)")
        try await lab.expectWhole(build: running)
    }

    @Test func rollbackAfterARolloutThatWentBackLeavesTheGoodBuild() async throws {
        let lab = try FaultLab.shared
        let (_, next) = try await begin(lab)
        let (good, bad) = (try await lab.build(next), try await lab.build(next + "0", .unhealthy))
        try await lab.drover("rollout", "lab", good).succeeded()
        try await lab.drover("rollout", "lab", bad).ended(3)
        let (_, load) = try await lab.counting {
            for _ in 1...2 {
                let back = try await lab.drover("rollback", "lab")
                #expect(back.status == 0, "\(back.errors)")
                #expect(back.errors.contains("nothing to go back: every host runs"), "\(back.errors)")
                #expect(back.errors.contains("--to BUILD"))
            }
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole(build: next)
    }

    @Test func rollbackToABuildByNameAndNoFurtherWhenTypedAgain() async throws {
        let lab = try FaultLab.shared
        let (running, next) = try await begin(lab)
        try await lab.drover("rollout", "lab", lab.build(next)).succeeded()
        let (_, load) = try await lab.counting {
            try await lab.drover("rollback", "lab").succeeded()
            try await lab.expectWhole(build: running)
            let again = try await lab.drover("rollback", "lab").succeeded()
            #expect(again.errors.contains("nothing to go back"))
            try await lab.expectWhole(build: running)
            try await lab.drover("rollback", "lab", "--to", lab.build(next)).succeeded()
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole(build: next)
    }

    @Test func aJournalThatIsBehindLearnsFromHostsBeforeItGoesBack() async throws {
        let lab = try FaultLab.shared
        let (_, next) = try await begin(lab)
        try await lab.drover("rollout", "lab", lab.build(next)).succeeded()
        let state = lab.folder.appendingPathComponent("before")
        let copy = "mkdir before && cp -r .drover/journal.sqlite* .drover/builds before/"
        try await lab.drover.runBeside(["sh", "-c", copy]).succeeded()
        try await lab.drover("rollout", "lab", lab.build(next + "1")).succeeded()
        let other = DroverProgram(in: lab.folder, environment: ["DROVER_STATE": state.path])
        let back = try await other("rollback", "lab")
        #expect(back.status == 0, "\(back.errors)")
        try await lab.expectWhole(build: next)
        let again = try await lab.drover("rollback", "lab").succeeded()
        #expect(again.errors.contains("nothing to go back"), "\(again.errors)")
        try await lab.expectWhole(build: next)
        try FileManager.default.removeItem(at: state)
    }

    @Test func aMemberThatWasTakenOutByHandComesLastAndStaysOut() async throws {
        let lab = try FaultLab.shared
        let (_, next) = try await begin(lab)
        let build = try await lab.build(next)
        for balancer in FaultLab.balancers { try await say("set server ledger/ap2 state maint", to: balancer, lab) }
        let (rollout, load) = try await lab.counting {
            try await lab.drover("rollout", "lab", build, "--minimum", "1", "--format", "json")
        }
        #expect(rollout.status == 0, "\(rollout.errors)")
        #expect(switched(rollout.output).last == "ap2")
        #expect(load.failed.isEmpty, "\(load.failed)")
        for balancer in FaultLab.balancers {
            #expect(try await lab.serving(on: balancer) == ["ap1", "ap3"], "on \(balancer)")
        }
        try await lab.drover("undrain", "ap2").succeeded()
        try await lab.expectWhole(build: next)
    }

    @Test func aConfirmedHostThatDiesIsNamedAndTheFloorHolds() async throws {
        let lab = try FaultLab.shared
        let (running, next) = try await begin(lab)
        let build = try await lab.build(next)
        let off = OneShot()
        let rollout = try await lab.drover.run(
            ["rollout", "lab", build, "--minimum", "2", "--format", "json"], sending: 0,
            when: { line in
                guard line.contains(#""action":"confirm""#), line.contains(#""event":"done""#),
                    line.contains(#""host":"ap1""#)
                else { return false }
                off.start { try await lab.powerOff("ap1") }
                return true
            })
        try await off.finish()
        #expect(rollout.status == 3, "\(rollout.output.suffix(3000))")
        let isNamed = rollout.output.contains(#""host":"ap1","isServing":false,"kind":"unreachable""#)
        #expect(isNamed, "\(rollout.output.suffix(3000))")
        for balancer in FaultLab.balancers {
            #expect(try await lab.serving(on: balancer) == ["ap2", "ap3"], "on \(balancer)")
        }
        try await lab.powerOn()
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole(build: running)
    }

    @Test func aClosedTerminalFinishesTheBatchAndASecondInterruptionSaysHowHostsAreLeft() async throws {
        let lab = try FaultLab.shared
        let (_, next) = try await begin(lab)
        let build = try await lab.build(next)
        let hungUp = try await lab.drover.run(
            ["rollout", "lab", build, "--format", "json"], sending: SIGHUP,
            when: { $0.contains(#""action":"activate""#) })
        #expect(hungUp.status == 1)
        #expect(hungUp.output.contains(#""action":"confirm""#), "the batch in hand is finished")
        #expect(Set(switched(hungUp.output)).count == 1)
        let cut = try await lab.drover.run(
            ["rollout", "resume", "lab", "--format", "json"],
            cues: [
                Cue(SIGINT, onceItSays: #""action":"activate""#),
                Cue(SIGINT, onceItSays: "stopping after the hosts in hand"),
            ])
        #expect(cut.status == 1, "\(cut.output.suffix(2000))")
        #expect(cut.output.contains("left as they were:"), "\(cut.output.suffix(2000))")
        #expect(cut.output.contains("out of rotation"))
        #expect(cut.output.contains("hint: drover rollout resume lab, or drover rollback lab"))
        try await lab.drover("rollout", "resume", "lab").succeeded()
        try await lab.expectWhole(build: next)
    }

    /// The vault's text, as it is to be seen nowhere but on the hosts.
    private static let secret = "sec-ret $HOME \"quoted\" 'back\\slash' grüße"

    /// What the service's main process has in its environment under `name`.
    private func variable(_ name: String, on host: String, _ lab: FaultLab) async throws -> String? {
        let script = "tr '\\0' '\\n' </proc/$(systemctl show --property=MainPID --value ledger)/environ"
        let lines = try await lab.on(host, script).succeeded().output.split(separator: "\n")
        return lines.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// `drover.yml` with these lines under `env:`, and the secret of a file that is encrypted as a whole.
    private func withSettings<Answer: Sendable>(
        _ lines: String, _ lab: FaultLab, _ body: () async throws -> Answer
    ) async throws -> Answer {
        let cases = DroverProgram.repository.path + "/Tests/TestSupport/Ledger/settings"
        let text = "env_file: \(cases)/secret.yml\nvault_password_file: \(cases)/password\nenv: {\(lines)}\n"
        return try await lab.withEdited("drover.yml", { $0 + text }, body)
    }

    @Test func settingsReachHostsInSecretAndGoBackByThemselvesOrWithTheirRelease() async throws {
        let lab = try FaultLab.shared
        let (running, next) = try await begin(lab)
        let (said, load) = try await lab.counting {
            var said = ""
            // A change of settings alone restarts the units of one batch after the other.
            try await withSettings("LEVEL: one", lab) {
                let plan = try await lab.drover("plan", "lab").succeeded()
                #expect(plan.output.contains("settings: +LEVEL +TOKEN, as release "), "\(plan.output)")
                let told = try await lab.drover(
                    "apply", "lab", "-vvv", "--log-file", "log", "--format", "json"
                ).succeeded()
                said += plan.output + plan.errors + told.output + told.errors
            }
            for host in FaultLab.members {
                #expect(try await variable("LEVEL", on: host, lab) == "one")
                #expect(try await variable("TOKEN", on: host, lab) == Self.secret)
                let file = "stat -L -c '%a %U %G' /srv/ledger/current/.drover-env"
                #expect(try await lab.on(host, file).output == "600 root root\n")
            }
            // What makes the service ill is taken back.
            try await withSettings("LEVEL: two, LEDGER_BEHAVIOUR: unhealthy", lab) {
                let status = try await lab.drover("status", "lab").succeeded()
                #expect(status.output.contains("+LEDGER_BEHAVIOUR ~LEVEL"), "\(status.output)")
                said += try await lab.drover("apply", "lab", "--format", "json").ended(3).output
            }
            try await lab.expectWhole(build: running)
            for host in FaultLab.members { #expect(try await variable("LEVEL", on: host, lab) == "one") }
            // A build goes out with the settings of its time, and so does the one before when it comes back.
            try await withSettings("LEVEL: three", lab) {
                try await lab.drover("rollout", "lab", lab.build(next)).succeeded()
                for host in FaultLab.members { #expect(try await variable("LEVEL", on: host, lab) == "three") }
                try await lab.drover("rollback", "lab").succeeded()
            }
            try await lab.expectWhole(build: running)
            for host in FaultLab.members { #expect(try await variable("LEVEL", on: host, lab) == "one") }
            try await lab.drover("apply", "lab").succeeded()
            #expect(try await variable("LEVEL", on: "ap1", lab) == nil)
            return said
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole(build: running)
        // Nobody has written the secret anywhere: not its beginning either.
        let log = try String(contentsOfFile: lab.folder.path + "/log", encoding: .utf8)
        #expect(!(said + log).contains("sec-ret"))
        try await lab.drover.runBeside(["sh", "-c", "! grep -rqa sec-ret .drover/journal.sqlite*"]).succeeded()
        for host in FaultLab.members {
            try await lab.on(host, "! journalctl --no-pager --quiet | grep -q sec-ret").succeeded()
        }
    }

    @Test func aHostWithoutRoomIsFoundBeforeAnyIsDrained() async throws {
        let lab = try FaultLab.shared
        let (running, next) = try await begin(lab)
        let build = try await lab.build(next)
        // The folder for releases becomes a place where nothing can be put.
        try await lab.on("ap3", "mount -t tmpfs -o size=4k,nr_inodes=2 none /srv/ledger/releases").succeeded()
        let rollout = try await lab.drover("rollout", "lab", build, "--format", "json")
        try await lab.on("ap3", "umount /srv/ledger/releases").succeeded()
        #expect(rollout.status == 1, "\(rollout.errors)")
        #expect(rollout.errors.contains("ap3"))
        #expect(!rollout.output.contains(#""action":"drain""#))
        try await lab.expectWhole(build: running)
    }
}

/// The rollout that is most likely to fail: the first of a stage.
@Suite(.labHosts, .timeLimit(.minutes(10)))
struct FirstRolloutEndToEndTests {
    @Test func aFirstRolloutThatFailsItsGateLeavesNoReleaseAndNoTraffic() async throws {
        try await withTemporaryFolder { folder in
            let lab = try await FaultLab(in: folder)
            do { try await fail(lab) } catch {
                try await lab.down()
                throw error
            }
            try await lab.down()
        }
    }

    private func fail(_ lab: FaultLab) async throws {
        try lab.edit("drover.yml") {
            $0.replacingOccurrences(of: "{path: /healthz, expect: 200}", with: "{path: /, to: batch}")
        }
        try await lab.drover("lab", "up", "-i", "inventory/lab.yml").succeeded()
        try await lab.drover("apply", "lab").succeeded()
        let rollout = try await lab.drover("rollout", "lab", lab.build("1", .broken))
        #expect(rollout.status == 3, "\(rollout.errors)")
        #expect(rollout.errors.contains("GET / on each host is 200"), "\(rollout.errors)")
        #expect(Set(try await lab.runningBuilds().values) == ["none"])
        for balancer in FaultLab.balancers { #expect(try await lab.serving(on: balancer).isEmpty) }
        // A build that is good goes out afterwards.
        try await lab.drover("rollout", "lab", lab.build("2")).succeeded()
        try await lab.expectWhole(build: "2")
    }
}
