import Foundation
import TestSupport
import Testing

/// Hosts that reboot, fill up or get a build that cannot run, under counted requests.
///
/// Each test leaves the fleet whole again, whatever build it runs.
@Suite(
    .labHosts, .serialized, .servingLedger,
    .timeLimit(.minutes(20)))
struct HostEndToEndTests {
    private static let waiting = "ls /etc/systemd/system /etc/systemd/system/*.wants | grep drover-; true"

    /// The controller dies when ap1 has the build and traffic; then nobody ever confirms it.
    private func killWhenAdmitted(_ lab: FaultLab, _ build: String) async throws {
        let killed = try await lab.drover.run(
            ["rollout", "lab", build, "--format", "json"], sending: SIGKILL,
            when: { $0.contains(#""event":"done""#) && $0.contains(#""action":"admit""#) })
        #expect(killed.status == 128 + SIGKILL, "the moment never came: \(killed.output.suffix(2000))")
    }

    @Test func hostThatRebootsUnconfirmedComesUpWithTheReleaseBefore() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        let build = try await lab.build("11")
        let (_, load) = try await lab.counting {
            try await killWhenAdmitted(lab, build)
            #expect(try await lab.runningBuilds()["ap1"] == "11")
            let units = try await lab.on("ap1", Self.waiting).output
            #expect(units.contains("drover-boot-ledger.service") && units.contains("drover-revert-ledger.timer"))
            let status = try await lab.drover("status", "lab")
            #expect(status.output.contains("unconfirmed: goes back by itself"), "\(status.output)")
            try await lab.powerOff("ap1")
            try await lab.powerOn()
        }
        let after = try await lab.runningBuilds()
        #expect(after == before, "\(after)")
        #expect(try await lab.on("ap1", Self.waiting).output == "")
        #expect(try await lab.on("ap1", "ls /var/lib/drover/ledger").output.contains("unconfirmed") == false)
        #expect(try await lab.on("ap1", "systemctl is-active ledger.service").output == "active\n")
        let failed = try await lab.on("ap1", "systemctl list-units --failed --plain --no-legend").output
        #expect(!failed.contains("drover") && !failed.contains("ledger"), "\(failed)")
        #expect(load.sent > 300)
        try await lab.mend()
        try await lab.expectWhole()
    }

    @Test func hostThatNobodyConfirmsGoesBackAtItsDeadline() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        let build = try await lab.build("17")
        try await lab.withEdited(
            "drover.yml",
            {
                $0.replacingOccurrences(of: "drain: 20s, health: 6s", with: "drain: 2s, health: 4s")
                    .replacingOccurrences(of: "confirm: 120s", with: "confirm: 1s")
            }, { try await killWhenAdmitted(lab, build) })
        let wait = "timeout 90 sh -c 'while [ -e /var/lib/drover/ledger/unconfirmed ]; do sleep 0.2; done'"
        try await lab.on("ap1", wait).succeeded()
        // The restart comes after the note is gone.
        var after = try await lab.runningBuilds()
        for _ in 0..<200 where after != before { after = try await lab.runningBuilds() }
        #expect(after == before)
        #expect(try await lab.on("ap1", Self.waiting).output == "")
        try await lab.mend()
        try await lab.expectWhole()
    }

    @Test func confirmedReleaseSurvivesARebootAndLeavesNoUnits() async throws {
        let lab = try FaultLab.shared
        try await lab.drover("rollout", "lab", lab.build("12")).succeeded()
        #expect(try await lab.on("ap2", Self.waiting).output == "")
        try await lab.powerOff("ap2")
        try await lab.powerOn()
        #expect(try await lab.runningBuilds()["ap2"] == "12")
        try await lab.drover("apply", "lab").succeeded()
        try await lab.expectWhole(build: "12")
    }

    @Test func fullDiskOfTheLastHostIsFoundBeforeAnyDrain() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        try await lab.on("ap3", "mount -t tmpfs -o size=2m tmpfs /srv/ledger/releases")
        let (rollout, load) = try await lab.counting {
            try await lab.drover("rollout", "lab", lab.build("13"), "--format", "json")
        }
        try await lab.on("ap3", "umount /srv/ledger/releases")
        #expect(rollout.status != 0)
        #expect(rollout.errors.contains("ap3: the build needs"), "\(rollout.errors)")
        #expect(rollout.errors.contains("MiB free"))
        #expect(!rollout.output.contains(#""action":"drain""#))
        #expect(load.failed.isEmpty, "\(load.failed)")
        #expect(try await lab.runningBuilds() == before)
        try await lab.expectWhole()
    }

    @Test func fullStateFolderIsToldAndNothingIsSwitched() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        let state = "/var/lib/drover/ledger"
        let fill =
            "mount -t tmpfs -o size=16k tmpfs \(state); touch \(state)/lock; "
            + "cat /dev/zero >\(state)/fill 2>/dev/null; true"
        try await lab.on("ap1", fill)
        let rollout = try await lab.drover("rollout", "lab", lab.build("14"))
        try await lab.on("ap1", "umount \(state)")
        #expect(rollout.status != 0)
        #expect(rollout.errors.contains("ap1: cannot write \(state)/stages/lab"), "\(rollout.errors)")
        #expect(rollout.errors.contains("No space left on device"), "\(rollout.errors)")
        #expect(try await lab.runningBuilds() == before)
        try await lab.expectWhole()
    }

    @Test func buildWithoutItsProgramIsRefusedBeforeAnyDrain() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        let folder = lab.folder.appendingPathComponent("hollow/ledger-1")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "hollow".write(to: folder.appendingPathComponent("VERSION"), atomically: true, encoding: .utf8)
        try await lab.drover.runBeside(["tar", "-C", "hollow", "-czf", "hollow.tar.gz", "ledger-1"]).succeeded()
        let rollout = try await lab.drover("rollout", "lab", "hollow.tar.gz", "--format", "json")
        #expect(rollout.status != 0)
        #expect(rollout.errors.contains("warning: hollow.tar.gz: everything in it lies in the folder ledger-1/"))
        #expect(rollout.errors.contains("which is not in the build"), "\(rollout.errors)")
        #expect(!rollout.output.contains(#""action":"drain""#))
        #expect(try await lab.runningBuilds() == before)
        try await lab.expectWhole()
    }

    @Test func redirectingBuildGoesBack() async throws {
        let lab = try FaultLab.shared
        let before = try await lab.runningBuilds()
        let build = try await lab.build("15", .redirecting)
        let (rollout, load) = try await lab.counting { try await lab.drover("rollout", "lab", build) }
        #expect(rollout.status == 3, "\(rollout.errors)")
        #expect(rollout.errors.contains("GET /healthz gives 30"), "\(rollout.errors)")
        #expect(load.failed.isEmpty, "\(load.failed)")
        #expect(try await lab.runningBuilds() == before)
        try await lab.expectWhole()
    }

    @Test func gateOverADeadBalancerEndsInItsTime() async throws {
        let lab = try FaultLab.shared
        let build = try await lab.build("16")
        let off = OneShot()
        let rollout = try await lab.withEdited(
            "drover.yml", { $0.replacingOccurrences(of: "bake: 2s", with: "bake: 30s") },
            {
                try await lab.drover.run(
                    ["rollout", "lab", build, "--format", "json"], sending: 0,
                    when: { line in
                        guard line.contains(#""event":"intent""#), line.contains(#""action":"judge""#) else {
                            return false
                        }
                        off.start { try await lab.powerOff("lb2") }
                        return true
                    })
            })
        try await off.finish()
        #expect(rollout.status != 0)
        let judged = rollout.output.split(separator: "\n").first { $0.contains(#""event":"judged""#) } ?? ""
        let address = lab.address(of: "lb2")
        #expect(judged.contains("http://\(address):80/healthz gives "), "\(rollout.output.suffix(3000))")
        #expect(!rollout.output.contains("NSURLErrorDomain"))
        try await lab.mend()
        try await lab.expectWhole()
    }
}
