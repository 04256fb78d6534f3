import Foundation
import TestSupport
import Testing

/// A colleague: a fresh clone in another folder, with a state of its own, on what is another machine by its name.
struct Colleague: Sendable {
    var drover: DroverProgram

    /// - Parameters:
    ///   - state: What is in `$DROVER_STATE`; a folder of its own unless given.
    ///   - builds: Where the builds are that both share, where they do.
    init(of lab: ServiceLab, in folder: URL, state: String? = nil, builds: String? = nil) throws {
        let files = FileManager.default
        for name in ["inventory", "playbooks", "drover.yml", "scripts"] {
            try files.copyItem(at: lab.folder.appendingPathComponent(name), to: folder.appendingPathComponent(name))
        }
        // The keys of the lab's hosts, which everybody has who may change them.
        let keys = folder.appendingPathComponent(".drover")
        try files.createDirectory(at: keys, withIntermediateDirectories: true)
        try files.createSymbolicLink(
            at: keys.appendingPathComponent("labs"),
            withDestinationURL: lab.folder.appendingPathComponent(".drover/labs"))
        var environment = ["DROVER_STATE": state ?? folder.path + "/state"]
        environment["DROVER_BUILDS"] = builds
        drover = DroverProgram(in: folder, environment: environment)
    }

    func callAsFunction(_ words: [String]) async throws -> Transcript {
        let elsewhere = ["unshare", "--uts", "sh", "-c", "hostname elsewhere && exec \"$@\"", "sh"]
        return try await drover.runBeside(elsewhere + [DroverProgram.binary] + words)
    }

    func callAsFunction(_ words: String...) async throws -> Transcript { try await self(words) }
}

extension CrashEndToEndTests {
    private func withColleague(
        builds: String? = nil, _ body: (_ lab: ServiceLab, _ colleague: Colleague) async throws -> Void
    ) async throws {
        let lab = try ServiceLab.shared
        try await withTemporaryFolder { folder in
            try await body(lab, try Colleague(of: lab, in: folder, builds: builds))
        }
    }

    @Test(arguments: [
        Crash(event: "intent", action: "activate", remedy: ["rollout", "resume", "production"]),
        Crash(event: "done", action: "activate", remedy: ["rollback", "production"]),
    ])
    func aColleagueEndsWhatAKilledControllerBegan(_ crash: Crash) async throws {
        try await withColleague { lab, colleague in
            _ = try await next(lab)
            let (_, load) = try await underLoad(lab.balancers, rate: 40) {
                let killed = try await lab.drover.run(
                    ["promote", "--format", "json"], sending: SIGKILL, when: crash.happens)
                #expect(killed.status == 128 + SIGKILL, "the moment never came: \(killed.output.suffix(2000))")
                // Nobody elsewhere can know that it is dead before its lease is over.
                let refused = try await colleague("promote")
                #expect(refused.status == 5 && refused.errors.contains("(promotion)"), "\(refused.errors)")
                let done = try await colleague(crash.remedy + ["--lock-wait", "60s"])
                #expect(done.status == 0, "\(done.output.suffix(3000))\n\(done.errors)")
            }
            #expect(load.failed == 0, "\(load.faults)")
            #expect(try await lab.runningBuilds().count == 1)
            let nothing = try await lab.drover("rollout", "resume", "production")
            #expect(nothing.status != 0 && nothing.errors.contains("no rollout is unfinished"), "\(nothing.errors)")
            try await lab.drover("pool", "verify", "production").succeeded()
        }
    }

    @Test func twoFoldersTakeTurnsAndNoneGoesBackToWhatRuns() async throws {
        try await withColleague { lab, colleague in
            _ = try await next(lab)
            let running = try await lab.runningBuilds()
            // What passed staging elsewhere may be promoted here, and is fetched from nowhere: hosts have it, or are told.
            try await lab.drover("promote").succeeded()
            let history = try await colleague("history", "production").succeeded()
            #expect(history.errors.contains("this is what hosts tell"), "\(history.errors)")
            #expect(history.output.contains("promotion"), "\(history.output)")
            let status = try await colleague("status", "production").succeeded()
            #expect(status.output.contains("build bookmark-"), "the build has its name: \(status.output)")
            let back = try await colleague("rollback", "production")
            #expect(back.status == 0, "\(back.errors)")
            #expect(try await lab.runningBuilds() == running)
            let again = try await lab.drover("rollback", "production").succeeded()
            #expect(again.errors.contains("nothing to go back"), "\(again.errors)")
            let forth = try await colleague("promote")
            #expect(forth.status == 0, "\(forth.errors)")
            #expect(try await lab.runningBuilds().count == 1)
            #expect(try await lab.runningBuilds() != running)
        }
    }

    @Test func aColleagueWithNothingPromotesWhatOnlyStagingsHostsHold() async throws {
        try await withColleague { lab, colleague in
            try await lab.drover("rollout", "staging", lab.build(3)).succeeded()
            let (promotion, load) = try await underLoad(lab.balancers, rate: 40) { try await colleague("promote") }
            #expect(promotion.status == 0, "\(promotion.output)\n\(promotion.errors)")
            let fetched = /build bookmark-3\S* \([0-9a-f]{12}\) fetched from stg-ap[12] of staging, [0-9.]+ [KM]iB/
            #expect(promotion.errors.contains(fetched), "\(promotion.errors)")
            #expect(load.failed == 0, "\(load.faults)")
            #expect(try await lab.runningBuilds() == ["3"])
            // It is here now, under the name that it has everywhere.
            let listed = try await colleague("build", "list").succeeded()
            #expect(listed.output.contains(/bookmark-3.tar.gz +[0-9.]+ [KM]iB here,production/), "\(listed.output)")
            try await lab.drover("pool", "verify", "production").succeeded()
        }
    }

    @Test func aHostThatLostItsReleasesIsBroughtWhatItsPeersHold() async throws {
        try await withColleague { lab, colleague in
            let running = try await lab.runningBuilds()
            let loss = "cd /srv/bookmark && systemctl stop bookmark bookmark-worker && rm -rf current releases"
            try await lab.on("ap3", loss).succeeded()
            let apply = try await colleague("apply", "production")
            #expect(apply.status == 0, "\(apply.output)\n\(apply.errors)")
            #expect(apply.errors.contains(/fetched from ap[12] of production/), "\(apply.errors)")
            #expect(try await lab.runningBuilds() == running)
            try await lab.drover("pool", "verify", "production").succeeded()
        }
    }

    @Test func aBuildThatNobodyHoldsTouchesNothing() async throws {
        try await withColleague { lab, colleague in
            let running = try await lab.runningBuilds()
            try await lab.drover("rollout", "staging", lab.build(4)).succeeded()
            for host in ["stg-ap1", "stg-ap2"] {
                try await lab.on(host, stage: "staging", "rm /srv/bookmark/releases/.archive-*").succeeded()
            }
            let refused = try await colleague("promote")
            #expect(refused.status == 1, "\(refused.errors)")
            for place in [
                "build bookmark-4.tar.gz (", ") is nowhere to be had: not in ",
                "none of 3 hosts of production holds it",
                "none of 2 hosts of staging holds it",
            ] {
                #expect(refused.errors.contains(place), "\(refused.errors)")
            }
            #expect(try await lab.runningBuilds() == running)
            // Whoever has its file goes on; hosts that have the release are not sent it again for their archives' sake.
            try await lab.drover("promote").succeeded()
            #expect(try await lab.runningBuilds() == ["4"])
        }
    }

    @Test func runnersShareBuildsOnAHostOfTheInventory() async throws {
        // Staging's balancer, as its inventory says.
        let builds = "ssh://stg-lb1/srv/builds"
        try await withColleague(builds: builds) { lab, colleague in
            try await lab.on("stg-lb1", stage: "staging", "mkdir -m 1777 /srv/builds").succeeded()
            var runner = lab.drover
            runner.environment["DROVER_BUILDS"] = builds
            try await runner("rollout", "staging", lab.build(5)).succeeded()
            for host in ["stg-ap1", "stg-ap2"] {
                try await lab.on(host, stage: "staging", "rm /srv/bookmark/releases/.archive-*").succeeded()
            }
            let promotion = try await colleague("promote")
            #expect(promotion.status == 0, "\(promotion.output)\n\(promotion.errors)")
            #expect(promotion.errors.contains("fetched from ssh://stg-lb1/srv/builds"), "\(promotion.errors)")
            #expect(try await lab.runningBuilds() == ["5"])
            let stages = try await lab.on("stg-lb1", stage: "staging", "ls /srv/builds/bookmark/stages").succeeded()
            #expect(stages.output.split(separator: "\n") == ["production.json", "staging.json"])
        }
    }
}
