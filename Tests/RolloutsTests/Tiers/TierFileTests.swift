import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// What `tiers:` may say, and what is refused with its place.
@Suite struct TierFileTests {
    @Test func tiersAreReadWithTheirPolicies() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("drover.yml")
            try """
            service: shop
            tiers:
              worker:
                hosts: worker
                units: [shop-worker.service]
                health: {http: {port: 8081, path: /ok}}
                minimum: 1
                rollout: {canary: 0}
              ap: {hosts: web, units: [shop.service], pool: {name: shop, balancers: lb, port: 8080}}
            stages:
              production:
                inventory: hosts.yml
                rollout: {canary: 2, bake: 5s}
                tiers: {ap: {rollout: {batch: 1}}}
            """.write(to: file, atomically: true, encoding: .utf8)
            let read = try ServiceFileReader.read(file.path)
            #expect(read.tiers.map(\.name) == ["worker", "ap"])
            #expect(read.tiers[0].health == .page(Pool.Check(path: "/ok"), port: 8081) && read.tiers[0].pool == nil)
            #expect(read.tiers[1].pool?.members == "web" && read.pool.name == "shop")
            #expect(read.units == ["shop-worker.service", "shop.service"])
            let policies = try read.stage("production").tiers
            #expect(
                policies["worker"] == RolloutPolicy(canary: 0, bake: .seconds(5), minimumInService: 1))
            #expect(policies["ap"] == RolloutPolicy(canary: 2, batch: .hosts(1), bake: .seconds(5)))
        }
    }

    /// Every mistake at once, each with its line.
    @Test func everythingThatIsWrongIsToldAtOnce() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("drover.yml")
            try """
            service: shop
            units: [shop.service]
            tiers:
              worker: {units: [w.service], helth: {command: x}}
              ap: {hosts: web, units: [shop.service], pool: {name: shop, balancers: lb, members: web, port: 8080}}
              api: {hosts: api, units: [api.service], pool: {name: shop, balancers: lb, port: 8081}}
              queue: {hosts: q, units: [q.service], health: {}, rollout: {budget: 1}}
              "-x": {hosts: q, units: [q.service]}
            stages:
              production: {inventory: hosts.yml, tiers: {workr: {rollout: {canary: 1}}}}
              staging:
                inventory: hosts.yml
                rollout: {capacity: 70%}
                tiers: {worker: {rollout: {on_failure: stop}}}
            """.write(to: file, atomically: true, encoding: .utf8)
            let log = MistakeLog()
            _ = ServiceFileReader.review(file.path, log)
            let told = log.all.map { "\($0.location?.line ?? 0): \($0.message)" }.sorted()
            #expect(
                told == [
                    "10: the file has no tier 'workr'",
                    "13: capacity is not measured tier by tier: it is there for services with one pool",
                    "14: on_failure holds for the whole rollout, and a tier has none of its own",
                    "2: the file has 'tiers' and 'units' beside it",
                    "4: tier worker lacks 'hosts'",
                    "4: unknown key 'helth' in tier worker",
                    "5: unknown key 'members' in pool",
                    "6: tiers ap and api have one pool, 'shop'",
                    "7: budget holds for the whole rollout, and a tier has none of its own",
                    "7: health is one of http and command",
                    "8: '-x' cannot name a tier",
                ])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var file = TierRig.file
        var inventory = TierRig.inventory
        let message: String
        let line: Int
    }

    @Test(arguments: [
        Refusal(
            testDescription: "a tier without hosts",
            inventory: TierRig.inventory.replacing("worker:", with: "workers:"),
            message: "tier worker has no hosts in stage production: its inventory has none in 'worker'", line: 8),
        Refusal(
            testDescription: "one unit twice on a host",
            file: TierRig.file.replacing("hosts: worker", with: "hosts: web2").replacing("shop-worker", with: "shop"),
            message: "tiers ap and worker both have shop.service on web2, in stage production", line: 8),
    ])
    func whatAnInventoryLacksIsToldAtTheTier(_ refusal: Refusal) async throws {
        try await withTemporaryFolder { folder in
            let error = #expect(throws: InputError.self) {
                try TierRig.site(in: folder, file: refusal.file, inventory: refusal.inventory)
            }
            #expect(error?.message == refusal.message && error?.location?.line == refusal.line)
        }
    }

    @Test func aMinimumIsHeldAgainstItsTiersHosts() async throws {
        try await withTemporaryFolder { folder in
            let file = TierRig.file.replacing("health: {command: shop-check}", with: "minimum: 3")
            let site = try TierRig.site(in: folder, file: file, inventory: TierRig.inventory)
            let error = #expect(throws: InputError.self) { try site.checkMinimum() }
            #expect(error?.message.hasPrefix("minimum is 3, but tier worker has 2 hosts") == true)
            #expect(error?.location?.line == 8)
        }
    }

    /// What was asked for on the command line goes before what a tier says.
    @Test func flagsGoBeforeWhatTiersSay() async throws {
        try await withTemporaryFolder { folder in
            let site = try TierRig.site(in: folder, file: TierRig.file, inventory: TierRig.inventory)
            var policy = site.stage.rollout
            (policy.canary, policy.minimumInService) = (2, 0)
            let plans = try #require(site.plans(under: policy))
            #expect(plans.map(\.policy.canary) == [2, 2] && plans.map(\.floor) == [0, 0])
            #expect(site.plans(under: site.stage.rollout)?.map(\.floor) == [1, 1])
        }
    }

    @Test func eachHostHasTheUnitsAndChecksOfItsTiers() async throws {
        try await withTemporaryFolder { folder in
            let file = TierRig.file.replacing("hosts: worker", with: "\"hosts\": \"worker:web2\"")
            let site = try TierRig.site(in: folder, file: file, inventory: TierRig.inventory)
            let page = HostQuestion.page(port: 8080, path: "/healthz", expect: 200...299)
            for (name, units, questions) in [
                ("web1", ["shop.service"], [page]),
                ("web2", ["shop.service", "shop-worker.service"], [page, .command("shop-check")]),
                ("worker1", ["shop-worker.service"], [.command("shop-check")]),
            ] {
                let host = try HostName(name)
                #expect(site.layout(of: host).units == units)
                #expect(site.questions(for: host) == questions)
            }
            #expect(site.layout(of: nil).units == ["shop.service", "shop-worker.service"])
        }
    }
}
