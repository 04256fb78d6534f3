import Foundation
import TestSupport
import Testing

/// Faults of balancers and of the pool's settings, on real hosts, under counted requests.
///
/// Each test leaves the fleet whole again, whatever build it runs.
@Suite(
    .labHosts, .serialized, .servingLedger,
    .timeLimit(.minutes(20)))
struct BalancerFaultEndToEndTests {
    /// A good build other than the one that runs.
    func other(_ lab: FaultLab) async throws -> (name: String, file: String) {
        let now = try await lab.runningBuilds()["ap1"]
        let name = now == "2" ? "3" : "2"
        return (name, try await lab.build(name))
    }

    /// Requests that failed on another balancer than `lost`.
    private func failed(_ load: LoadCount, besides lost: String, _ lab: FaultLab) -> [FailedRequest] {
        load.failed.filter { $0.balancer != lab.address(of: lost) }
    }

    /// Does `work` once, as soon as a line of the rollout's events says that `action` was done on `host`.
    func rollOut(
        _ arguments: [String], _ lab: FaultLab, once action: String, on host: String,
        _ work: @Sendable @escaping () async throws -> Void
    ) async throws -> Transcript {
        let fault = OneShot()
        let run = try await lab.drover.run(
            arguments + ["--format", "json"], sending: 0,
            when: { line in
                guard line.contains(#""event":"done""#), line.contains(#""action":"\#(action)""#),
                    line.contains("\"\(host)\"")
                else { return false }
                fault.start(work)
                return true
            })
        try await fault.finish()
        return run
    }

    // MARK: settings

    @Test func aTypoInTheCheckReachesNoBalancerAndStopsNoRollout() async throws {
        let lab = try FaultLab.shared
        let (name, file) = try await other(lab)
        let typo: @Sendable (String) -> String = { text in
            text.replacingOccurrences(of: "check: {path: /healthz,", with: "check: {path: /healthzz,")
        }
        // The service answers any path with 200 but the one that it is told to refuse.
        for host in FaultLab.members { try await lab.refuse("/healthzz", on: host) }
        try await lab.withEdited("drover.yml", typo) {
            let (_, load) = try await lab.counting {
                let plan = try await lab.drover("plan", "lab").succeeded()
                #expect(plan.output.contains("+    http-check send meth GET uri /healthzz"), "\(plan.output)")
                let apply = try await lab.drover("apply", "lab")
                #expect(apply.status == 1, "\(apply.errors)")
                #expect(
                    apply.errors.contains("/healthzz") && apply.errors.contains("ap1 answers 404"), "\(apply.errors)")
                let rollout = try await lab.drover("rollout", "lab", file)
                #expect(rollout.status == 0, "\(rollout.errors)")
                #expect(rollout.errors.contains("used as they are"), "\(rollout.errors)")
                let rollback = try await lab.drover("rollback", "lab")
                #expect(rollback.status == 0, "\(rollback.errors)")
                let again = try await lab.drover("rollout", "lab", file)
                #expect(again.status == 0, "\(again.errors)")
            }
            #expect(load.failed.isEmpty, "\(load.failed)")
        }
        try await lab.expectWhole(build: name)
    }

    @Test func aWrongPortLeavesMembersWhereTheyServe() async throws {
        let lab = try FaultLab.shared
        let (name, file) = try await other(lab)
        let wrong: @Sendable (String) -> String = { text in
            text.replacingOccurrences(of: "port: 8080", with: "port: 8081")
        }
        try await lab.withEdited("drover.yml", wrong) {
            let (_, load) = try await lab.counting {
                let apply = try await lab.drover("apply", "lab")
                #expect(apply.status == 1, "\(apply.errors)")
                #expect(!apply.errors.contains("drained"), "\(apply.errors)")
                for balancer in FaultLab.balancers {
                    #expect(try await lab.serving(on: balancer) == Set(FaultLab.members))
                }
                let rollout = try await lab.drover("rollout", "lab", file)
                #expect(rollout.status == 0, "\(rollout.errors)")
            }
            #expect(load.failed.isEmpty, "\(load.failed)")
        }
        try await lab.expectWhole(build: name)
    }

    @Test func aMeantChangeOfThePortMovesMembersWithoutAFailedRequest() async throws {
        let lab = try FaultLab.shared
        let build = try await lab.runningBuilds()["ap1"]
        for host in FaultLab.members { try await lab.listen(on: host, port: 8081) }
        let meant: @Sendable (String) -> String = { text in
            text.replacingOccurrences(of: "port: 8080", with: "port: 8081")
        }
        let (_, load) = try await lab.counting {
            try await lab.withEdited("drover.yml", meant) {
                try await lab.drover("apply", "lab").succeeded()
                try await lab.drover("pool", "verify", "lab").succeeded()
                let pool = try await lab.drover("pool", "status", "lab").succeeded()
                #expect(pool.output.contains(":8081") && !pool.output.contains(":8080"), "\(pool.output)")
            }
            try await lab.drover("apply", "lab").succeeded()
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole(build: build)
    }

    // MARK: lost balancers

    @Test func aBalancerThatDiesLeavesTheOtherWithAllItsMembers() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()["ap1"]
        let (name, file) = try await other(lab)
        let (_, load) = try await lab.counting {
            let rollout = try await rollOut(["rollout", "lab", file], lab, once: "activate", on: "ap2") {
                try await lab.powerOff("lb2")
            }
            #expect(rollout.status == 3, "\(rollout.output.suffix(2000))")
            #expect(try await lab.serving(on: "lb1") == Set(FaultLab.members))
            #expect(Set(try await lab.runningBuilds().values) == [before])
            let status = try await lab.drover("status", "lab")
            #expect((status.output + status.errors).contains("lb2 is left out"), "\(status.output)\(status.errors)")

            let refused = try await lab.drover("rollout", "lab", file)
            #expect(refused.status == 1 && refused.errors.contains("--without lb2"), "\(refused.errors)")
            let without = try await lab.drover("rollout", "lab", file, "--without", "lb2", "its power is cut")
            #expect(without.status == 0, "\(without.errors)")
            #expect(try await lab.serving(on: "lb1") == Set(FaultLab.members))
            let applied = try await lab.drover("apply", "lab", "--without", "lb2", "its power is cut")
            #expect(applied.status == 0, "\(applied.output.suffix(1500))\(applied.errors)")
        }
        #expect(failed(load, besides: "lb2", lab).isEmpty, "\(failed(load, besides: "lb2", lab))")
        try await lab.powerOn()
        let apply = try await lab.drover("apply", "lab")
        #expect(apply.status == 0, "\(apply.errors)")
        #expect(apply.errors.contains("its power is cut"), "\(apply.errors)")
        #expect(try await !lab.drover("status", "lab").errors.contains("left out"))
        try await lab.expectWhole(build: name)
    }

    @Test func aFrozenBalancerIsGoneOnWithoutOnTheWayBack() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()["ap1"]
        let file = try await other(lab).file
        let rollout = try await rollOut(["rollout", "lab", file], lab, once: "admit", on: "ap1") {
            try await lab.on("lb2", "pkill -STOP sshd")
        }
        #expect(rollout.status == 3, "\(rollout.output.suffix(2000))")
        #expect(try await lab.serving(on: "lb1") == Set(FaultLab.members))
        #expect(Set(try await lab.runningBuilds().values) == [before])
        try await lab.on("lb2", "pkill -CONT sshd")
        let next = try await lab.drover("rollout", "lab", file)
        #expect(next.status == 0, "\(next.errors)")
        try await lab.expectWhole()
    }

    @Test func aRestartedBalancerUndoesNoRollout() async throws {
        let lab = try FaultLab.shared
        let (name, file) = try await other(lab)
        let (_, load) = try await lab.counting {
            let rollout = try await rollOut(["rollout", "lab", file], lab, once: "drain", on: "ap2") {
                try await lab.on("lb1", "pkill -KILL haproxy")
            }
            #expect(rollout.status == 0, "\(rollout.output.suffix(2000))")
        }
        // The fault's own: what was in progress on lb1, and what came before systemd had it back.
        #expect(failed(load, besides: "lb1", lab).isEmpty, "\(failed(load, besides: "lb1", lab))")
        try await lab.expectWhole(build: name)
    }

    // MARK: two controllers

    /// Whoever comes from elsewhere takes its token above all that hosts and balancers have seen, and so does the next.
    @Test func controllersOfDifferentStatesChangeThePoolByTurns() async throws {
        let lab = try FaultLab.shared
        let elsewhere = DroverProgram(
            in: lab.folder, environment: ["DROVER_STATE": lab.folder.path + "/.elsewhere"])
        let without: @Sendable (String) -> String = { text in
            text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("ap3:") }
                .joined(separator: "\n")
        }
        let (_, load) = try await lab.counting {
            try await lab.withEdited("inventory/lab.yml", without) {
                let apply = try await elsewhere("apply", "lab")
                #expect(apply.status == 0, "\(apply.errors)")
                #expect(try await lab.serving(on: "lb2") == ["ap1", "ap2"])
            }
            try await lab.drover("apply", "lab").succeeded()
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole()
    }
}

extension FaultLab {
    /// Has the host's service answer 404 to one path, with its program replaced in place.
    fileprivate func refuse(_ path: String, on host: String) async throws {
        let insert = "$status = q(404 Not Found) if $path eq q(\(path));"
        try await on(
            host,
            "sed -i 's#^    my \\$text = #    \(insert)\\n&#' /srv/ledger/releases/*/bin/ledger && systemctl restart ledger"
        ).succeeded()
    }

    /// Starts a second program of the same build that listens on another port.
    fileprivate func listen(on host: String, port: Int) async throws {
        let script = """
            mkdir -p /opt/second/bin && cp /srv/ledger/current/VERSION /srv/ledger/current/behaviour /opt/second/
            sed 's/8080/\(port)/' /srv/ledger/current/bin/ledger >/opt/second/bin/ledger
            systemctl stop second 2>/dev/null; systemd-run --quiet --collect --unit=second perl /opt/second/bin/ledger
            """
        try await on(host, script).succeeded()
    }
}
