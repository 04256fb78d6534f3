import Foundation
import TestSupport
import Testing

/// Hosts that leave an inventory or come under other names, and how a stage is told to do, on real hosts.
///
/// Each test leaves the fleet whole again.
@Suite(
    .labHosts, .serialized, .servingLedger,
    .timeLimit(.minutes(20)))
struct StageEndToEndTests {
    private static let inventory = "inventory/lab.yml"

    /// The inventory without these hosts, with what stands below each.
    private static func without(_ hosts: String...) -> (String) -> String {
        { text in
            var depth: Int?
            return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
                let indent = line.prefix { $0 == " " }.count
                if let depth, indent > depth { return false }
                depth = hosts.contains { line.dropFirst(indent).hasPrefix("\($0):") } ? indent : nil
                return depth == nil
            }.joined(separator: "\n")
        }
    }

    // MARK: leaving

    @Test func allHostsAreRenamedWithoutAFailedRequestOrARestart() async throws {
        let lab = try FaultLab.shared
        let process = "systemctl show --property=MainPID --value ledger"
        let before = try await lab.on("ap2", process).output
        let renamed = try await lab.withEdited(Self.inventory, { $0.replacing(/ap([123]):/) { "ap1\($0.output.1):" } })
        {
            let (apply, load) = try await lab.counting { try await lab.drover("apply", "lab") }
            #expect(apply.status == 0, "\(apply.errors)")
            #expect(load.failed.isEmpty, "\(load.failed)")
            #expect(load.sent > 100)
            return (try await lab.serving(on: "lb1"), try await lab.drover("pool", "verify", "lab").status)
        }
        #expect(renamed == (["ap11", "ap12", "ap13"], 0))
        #expect(try await lab.on("ap2", process).output == before)
        let (back, load) = try await lab.counting { try await lab.drover("apply", "lab") }
        #expect(back.status == 0, "\(back.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        try await lab.expectWhole()
    }

    @Test func twoOfThreeLinesDeletedAreRefusedBeforeAnythingIsTouched() async throws {
        let lab = try FaultLab.shared
        try await lab.withEdited(Self.inventory, Self.without("ap2", "ap3")) {
            let arithmetic = "3 in service, 2 leave (ap2, ap3), none joins: 1 would be left, and at least 2 must stay"
            let plan = try await lab.drover("plan", "lab").succeeded()
            #expect(plan.errors.contains(arithmetic), "\(plan.errors)")
            for line in [
                "lb1, lb2: 3 in service\n  ap2 leaves: 2 in service\n    set server ledger/ap2 state drain\n",
                "  ap3 leaves: 1 in service\n", "-    server ap3 \(lab.address(of: "ap3")):8080 check\n",
                "pool ledger: 3 in service, 2 leave (ap2, ap3), none joins: 1 in the end, and at least 2 must stay\n",
            ] {
                #expect(plan.output.contains(line), "\(plan.output)")
            }
            let (apply, load) = try await lab.counting { try await lab.drover("apply", "lab", "--format", "json") }
            #expect(apply.status == 1)
            #expect(apply.errors.contains(arithmetic) && apply.errors.contains("--allow-below"), "\(apply.errors)")
            // Not even the playbook ran.
            #expect(!apply.output.contains(#""event":"play""#))
            #expect(load.failed.isEmpty, "\(load.failed)")
        }
        try await lab.expectWhole()
    }

    /// Members of the lab share this machine's processors, which are busy while requests are counted.
    @Test func nobodyLeavesWhoseWorkTheOthersCouldNotDo() async throws {
        let lab = try FaultLab.shared
        let tight: @Sendable (String) -> String = {
            $0.replacingOccurrences(of: "canary: 1,", with: "canary: 1, capacity: 1%,")
        }
        let strain = try Regex("3 in service at [0-9]+ % CPU, 1 leaves: 2 would run at [0-9]+ %, and capacity is 1 %")
        try await lab.withEdited("drover.yml", tight) {
            let (ends, load) = try await lab.counting {
                let stop = try await lab.drover("stop", "lab", "ap3")
                let restart = try await lab.drover("restart", "lab")
                let rollout = try await lab.drover("rollout", "lab", lab.build("strained"))
                let gone = try await lab.withEdited(Self.inventory, Self.without("ap3")) {
                    try await lab.drover("apply", "lab")
                }
                return [stop, restart, rollout, gone]
            }
            for end in ends {
                #expect(end.status == 1, "\(end.errors)")
                #expect(end.errors.contains(strain), "\(end.errors)")
            }
            #expect(load.failed.isEmpty, "\(load.failed)")
        }
        try await lab.expectWhole()
    }

    @Test func hostsThatLeaveStopWorkingAndComeBackWhole() async throws {
        let lab = try FaultLab.shared
        let hook = #"retire: {commands: ['echo "$(id -un) $DROVER_STAGE $(pwd -P | cut -c1-20)" >/tmp/left']}"#
        try lab.edit("drover.yml") { $0 + hook + "\n" }
        try await lab.withEdited(Self.inventory, Self.without("ap2", "ap3")) {
            let (apply, load) = try await lab.counting {
                try await lab.drover("apply", "lab", "--allow-below", "--format", "json")
            }
            #expect(apply.status == 0, "\(apply.errors)")
            #expect(apply.output.contains(#""before":["echo "#), "\(apply.output)")
            for host in ["ap2", "ap3"] {
                #expect(try await lab.on(host, "cat /tmp/left").output == "ledger lab /srv/ledger/releases\n")
            }
            #expect(load.failed.isEmpty, "\(load.failed)")
            #expect(apply.output.contains(#""kind":"retire""#))
            for host in ["ap2", "ap3"] {
                let unit = try await lab.on(host, "systemctl is-active ledger; systemctl is-enabled ledger; true")
                #expect(unit.output.split(separator: "\n") == ["inactive", "disabled"])
            }
            #expect(try await lab.serving(on: "lb2") == ["ap1"])
        }
        let (back, load) = try await lab.counting { try await lab.drover("apply", "lab") }
        try lab.edit("drover.yml") { $0.replacingOccurrences(of: hook + "\n", with: "") }
        #expect(back.status == 0, "\(back.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        #expect(try await lab.on("ap2", "systemctl is-enabled ledger").output == "enabled\n")
        try await lab.expectWhole()
    }

    @Test func aHostThatLeftWhileItWasOffIsNamedAndStoppedLater() async throws {
        let lab = try FaultLab.shared
        try await lab.powerOff("ap3")
        try await lab.withEdited(Self.inventory, Self.without("ap3")) {
            let apply = try await lab.drover("apply", "lab")
            #expect(apply.status == 0, "\(apply.errors)")
            #expect(apply.errors.contains("may still run ledger.service"), "\(apply.errors)")
            #expect(apply.errors.contains("--forget ap3"), "\(apply.errors)")
            let status = try await lab.drover("status", "lab")
            #expect(status.output.contains("ap3: left the inventory, and may still run ledger.service"))
        }
        try await lab.powerOn()
        try await lab.withEdited(Self.inventory, Self.without("ap3")) {
            try await lab.drover("apply", "lab").succeeded()
            #expect(try await lab.on("ap3", "systemctl is-active ledger").output == "inactive\n")
            let again = try await lab.drover("plan", "lab", "--detailed-exitcode")
            #expect(again.status == 0, "\(again.output)")
        }
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole()
    }

    // MARK: units

    @Test func unitsAreRestartedStoppedAndStartedWithoutAFailedRequest() async throws {
        let lab = try FaultLab.shared
        let process = "systemctl show --property=MainPID --value ledger"
        let before = try await lab.onMembers(process)
        let (restart, load) = try await lab.counting { try await lab.drover("restart", "lab") }
        #expect(restart.status == 0, "\(restart.errors)")
        #expect(load.failed.isEmpty && load.sent > 100, "\(load.failed)")
        let after = try await lab.onMembers(process)
        #expect(zip(before, after).allSatisfy { $0 != $1 }, "\(before) \(after)")

        let refused = try await lab.drover("stop", "lab")
        #expect(refused.status == 1 && refused.errors.contains("--allow-below"), "\(refused.errors)")
        #expect(try await lab.onMembers(process) == after, "nothing was touched")

        let (stop, stopping) = try await lab.counting { try await lab.drover("stop", "lab", "ap3") }
        #expect(stop.status == 0, "\(stop.errors)")
        let status = try await lab.drover("status", "lab")
        #expect(
            status.output.contains("ap3: stopped since ") && status.output.contains("\nap3  stopped "),
            "\(status.output)")
        #expect(status.output.contains("next: drover start lab ap3\n"), "\(status.output)")
        #expect(stopping.failed.isEmpty, "\(stopping.failed)")
        #expect(try await lab.on("ap3", "systemctl is-active ledger; true").output == "inactive\n")
        #expect(try await lab.serving(on: "lb1") == ["ap1", "ap2"])
        let (start, starting) = try await lab.counting { try await lab.drover("start", "lab", "ap3") }
        #expect(start.status == 0, "\(start.errors)")
        #expect(starting.failed.isEmpty, "\(starting.failed)")

        let logs = try await lab.drover("logs", "lab", "ap3", "-n", "50").succeeded()
        #expect(logs.output.contains("Started"), "\(logs.output)")
        let history = try await lab.drover("history", "lab").succeeded()
        for kind in [" restart ", " stop ", " start "] { #expect(history.output.contains(kind), "\(history.output)") }
        try await lab.expectWhole()
    }

    @Test func whatAnOperatorPutIntoMaintenanceStaysThereUntilItIsLetIn() async throws {
        let lab = try FaultLab.shared
        for balancer in FaultLab.balancers { try await lab.say("set server ledger/ap2 state maint", to: balancer) }
        let (rollout, load) = try await lab.counting {
            try await lab.drover("rollout", "lab", lab.build("maintained"))
        }
        #expect(rollout.status == 0, "\(rollout.errors)")
        #expect(
            rollout.errors.contains("ap2: in maintenance since ")
                && rollout.errors.contains("by hand at a balancer's console, and stays out"), "\(rollout.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        #expect(Set(try await lab.runningBuilds().values) == ["maintained"])
        for balancer in FaultLab.balancers { #expect(try await lab.serving(on: balancer) == ["ap1", "ap3"]) }
        let restart = try await lab.drover("restart", "lab")
        #expect(restart.status == 0, "\(restart.errors)")
        let status = try await lab.drover("status", "lab")
        #expect(
            status.output.contains("ap2: in maintenance since ")
                && status.output.contains("drover undrain ap2 --stage lab"), "\(status.output)")
        let back = try await lab.drover("rollback", "lab")
        #expect(back.status == 0, "\(back.errors)")
        // HAProxy's start forgets what was said at its console: by now the file knows.
        try await lab.on("lb1", "systemctl restart haproxy").succeeded()
        let apply = try await lab.drover("apply", "lab").succeeded()
        #expect(apply.errors.contains("drover undrain ap2 --stage lab"), "\(apply.errors)")
        for balancer in FaultLab.balancers { #expect(try await lab.serving(on: balancer) == ["ap1", "ap3"]) }
        let (off, letting) = try await lab.counting { try await lab.drover("maintenance", "off", "ap2") }
        #expect(off.status == 0 && letting.failed.isEmpty, "\(off.errors)\(letting.failed)")
        try await lab.expectWhole()
    }

    @Test func membersAreDrainedWeighedAndLetInByHandWithoutAFailedRequest() async throws {
        let lab = try FaultLab.shared
        let (_, load) = try await lab.counting {
            try await lab.drover("drain", "ap3", "--reason", "bad disk").succeeded()
            for balancer in FaultLab.balancers { #expect(try await lab.serving(on: balancer) == ["ap1", "ap2"]) }
            try await lab.drover("weight", "ap1", "50").succeeded()
            let pool = try await lab.drover("pool", "status", "lab").succeeded()
            #expect(pool.output.contains("bad disk"), "\(pool.output)")
            let verify = try await lab.drover("pool", "verify", "lab").succeeded()
            #expect(
                verify.errors.contains("ap3: drained since") && verify.errors.contains("bad disk"), "\(verify.errors)")
            let refused = try await lab.drover("drain", "ap1,ap2")
            #expect(refused.status == 1 && refused.errors.contains("at least"), "\(refused.errors)")
            try await lab.drover("undrain", "ap3").succeeded()
        }
        #expect(load.failed.isEmpty, "\(load.failed)")
        let history = try await lab.drover("history", "lab").succeeded()
        for text in [" drain ", " undrain ", " weight ", "ap3: bad disk"] {
            #expect(history.output.contains(text), "\(history.output)")
        }
        // What somebody does at a console, and the cure that verify names.
        try await lab.say("set server ledger/ap1 weight 7", to: "lb1")
        try await lab.say("set server ledger/ap3 state maint", to: "lb2")
        let found = try await lab.drover("pool", "verify", "lab").ended(1)
        for cure in ["drover weight ap1 50 --stage lab", "drover undrain ap3 --stage lab"] {
            #expect(found.output.contains(cure), "\(found.output)")
            try await lab.drover.run(cure.split(separator: " ").dropFirst().map(String.init)).succeeded()
        }
        try await lab.drover("pool", "verify", "lab").succeeded()
        try await lab.drover("weight", "ap1", "100").succeeded()
        try await lab.expectWhole()
    }

    // MARK: status

    @Test func aStoppedUnitIsToldAndApplyStartsIt() async throws {
        let lab = try FaultLab.shared
        try await lab.on("ap2", "systemctl stop ledger")
        // Asked at once: the balancers' checks have not fallen yet.
        let status = try await lab.drover("status", "lab")
        #expect(status.status == 0, "\(status.output)")
        #expect(status.output.hasPrefix("lab: degraded, 2 of 3 in service on lb1, lb2\n"), "\(status.output)")
        #expect(status.output.contains("next: drover apply lab"))
        try await lab.untilOut("ap2")
        let verify = try await lab.drover("pool", "verify", "lab")
        #expect(verify.output.contains("drover restart lab ap2"), "\(verify.output)")
        let apply = try await lab.drover("apply", "lab")
        #expect(apply.status == 0, "\(apply.errors)")
        try await lab.expectWhole()
    }

    @Test func aTotalOutageIsToldFirstAndEndsWithOne() async throws {
        let lab = try FaultLab.shared
        try await lab.powerOff("ap2")
        for host in ["ap1", "ap3"] { try await lab.on(host, "systemctl stop ledger") }
        try await lab.untilOut("ap1")
        let clock = ContinuousClock()
        let begun = clock.now
        let status = try await lab.drover("status", "lab")
        #expect(status.status == 1)
        #expect(clock.now - begun < .seconds(20))
        let first = "lab: DOWN, 0 of 3 in service on lb1, lb2; at least 1 must be\n"
        #expect(status.output.hasPrefix(first), "\(status.output)")
        let json = try await lab.drover("status", "lab", "--format", "json").ended(1)
        #expect(json.output.contains(#""state" : "down""#) && json.output.contains(#""inService" : 0"#))
        try await lab.powerOn()
        let apply = try await lab.drover("apply", "lab")
        #expect(apply.status == 0, "\(apply.errors)")
        try await lab.expectWhole()
    }

    @Test func aHostThatIsOffIsNotShownAsUpBecauseItsCheckHasNotFallen() async throws {
        let lab = try FaultLab.shared
        try await lab.powerOff("ap3")
        let status = try await lab.drover("status", "lab", "--format", "json")
        let answers = try JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [[String: Any]]
        let answer = try #require(answers?.first)
        #expect(answer["state"] as? String == "degraded")
        #expect(answer["inService"] as? Int == 2)
        let hosts = try #require(answer["hosts"] as? [[String: Any]])
        #expect(hosts.first?["host"] as? String == "ap3")
        #expect(hosts.first?["state"] as? String == "off")
        #expect((hosts.first?["balancers"] as? [String: String])?.values.contains("up") == false)
        try await lab.powerOn()
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole()
    }

    @Test func aBalancerWhoseHAProxyIsStoppedIsNamed() async throws {
        let lab = try FaultLab.shared
        try await lab.on("lb2", "systemctl stop haproxy")
        let one = try await lab.drover("status", "lab")
        #expect(one.status == 1)
        #expect(one.output.contains("3 of 3 in service on lb1; lb2 cannot be asked"), "\(one.output)")
        try await lab.on("lb1", "systemctl stop haproxy")
        let none = try await lab.drover("status", "lab")
        #expect(none.status == 1)
        #expect(none.output.hasPrefix("lab: DOWN, no balancer can be asked\n"), "\(none.output)")
        for balancer in FaultLab.balancers { try await lab.on(balancer, "systemctl start haproxy") }
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole()
    }
}

extension FaultLab {
    /// What a command prints on each member, in their order.
    func onMembers(_ command: String) async throws -> [String] {
        var outputs: [String] = []
        for host in Self.members { outputs.append(try await on(host, command).output) }
        return outputs
    }

    /// Waits until no balancer sends `host` anything.
    func untilOut(_ host: String) async throws {
        let row = try Regex("lb[0-9] +\(host) .* up ")
        while try await drover("pool", "status", "lab").output.contains(row) {}
    }
}
