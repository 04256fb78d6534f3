import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// All mistakes of one `drover.yml` are noted, each once, and what is right is read all the same.
@Suite struct ServiceFileReviewTests {
    private func review(_ text: String) async throws -> (mistakes: [String], draft: ServiceFileDraft?) {
        try await withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("drover.yml")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let log = MistakeLog()
            let draft = ServiceFileReader.review(file.path, log)
            let mistakes = log.all.map { "\($0.location?.line ?? 0): \($0.message)" }
            return (mistakes, draft)
        }
    }

    @Test func keysThatWouldWriteAnAdoptedFileAreRefused() async throws {
        let pool = "pool: {name: shop, balancers: lb, members: web, port: 80"
        let head = "service: shop\nunits: [shop.service]\nstages: {live: {inventory: hosts.yml}}\n"
        let good = try await review(head + pool + ", adopt: true, server_options: check maxconn 9, check: {path: /up}}")
        #expect(good.mistakes == [])
        #expect(good.draft?.pool?.configFile == "/etc/haproxy/haproxy.cfg")
        #expect(good.draft?.pool?.adoption == Pool.Adoption(serverOptions: "check maxconn 9"))
        #expect(good.draft?.pool?.check.path == "/up")
        let bad = try await review(
            head + pool + """
                , adopt: true,
                  mode: tcp,
                  balance: source,
                  slow_start: 30s,
                  check: {path: /up,
                    rise: 3},
                  server_options: check weight 7}
                """)
        #expect(
            bad.mistakes.sorted()
                == [
                    "5: 'mode' would be written into a file that is adopted",
                    "6: 'balance' would be written into a file that is adopted",
                    "7: 'slow_start' would be written into a file that is adopted",
                    "9: 'rise' would be written into a file that is adopted",
                    "10: server_options may not have 'weight', which is not the same for each member or is Drover's",
                ].sorted())
        let own = try await review(head + pool + ", server_options: check}")
        #expect(own.mistakes == ["4: server_options goes with adopt: true alone"])
    }

    @Test(arguments: [
        ("true", PoolTraffic.Agent(), []), ("false", nil, []),
        ("{port: 9200, interval: 500ms}", PoolTraffic.Agent(port: 9200, interval: .milliseconds(500)), []),
        ("{}", PoolTraffic.Agent(), []),
        ("{port: 0}", PoolTraffic.Agent(), ["4: port must be a number from 1 to 65535, but is the number 0"]),
        ("9102", nil, ["4: agent must be true or false, but is the number 9102"]),
        (
            "true, driver: nginx", nil,
            [
                "4: agent: goes with driver: haproxy alone: nginx asks no agent, and takes no weight without reading its file again"
            ]
        ),
        ("true, adopt: true", PoolTraffic.Agent(), ["4: 'agent' would be written into a file that is adopted"]),
    ])
    func agents(_ value: String, _ agent: PoolTraffic.Agent?, _ mistakes: [String]) async throws {
        let head = "service: shop\nunits: [shop.service]\nstages: {live: {inventory: hosts.yml}}\n"
        let found = try await review(
            head + "pool: {name: shop, balancers: lb, members: web, port: 80, agent: \(value)}\n")
        #expect(found.mistakes == mistakes)
        if mistakes.isEmpty { #expect(found.draft?.pool?.traffic.agent == agent) }
    }

    private func stage(_ keys: String) async throws -> (
        objectives: [ServiceObjective], gates: [ServiceFile.Gate], [String]
    ) {
        let found = try await review(
            """
            service: shop
            units: [shop.service]
            pool: {name: shop, balancers: lb, members: web, port: 80}
            stages: {live: {inventory: hosts.yml, \(keys)}}
            """)
        let stage = found.draft?.stages.first
        return (stage?.objectives ?? [], stage?.gates ?? [], found.mistakes)
    }

    @Test func pagesAreWhatTheyAreToBe() async throws {
        let (objectives, gates, mistakes) = try await stage(
            "slo: [{p50: 20ms, p99: 200ms, errors: 0.1%}, {path: /list*, p95: 1s}], gates: [{slo: {requests: 20}}, {slo: false}]"
        )
        #expect(mistakes == [])
        #expect(
            objectives == [
                ServiceObjective(
                    path: "/",
                    latencies: [
                        LatencyTarget(share: 0.5, limit: .milliseconds(20)),
                        LatencyTarget(share: 0.99, limit: .milliseconds(200)),
                    ], errors: 0.001),
                ServiceObjective(path: "/list*", latencies: [LatencyTarget(share: 0.95, limit: .seconds(1))]),
            ])
        #expect(gates == [.objectives(ObjectiveGate(requests: 20))])
    }

    @Test(arguments: [
        ("slo: 99%", "4: slo must be a list, but is the text '99%'"),
        ("slo: [{path: /}]", "4: nothing is said of what / is to be like"),
        ("slo: [{path: '/*/a', errors: 1%}]", "4: a page's '*' is its last letter, but path is '/*/a'"),
        ("slo: [{p50: 1s, p99: 20ms}]", "4: p99 is 20ms, but p50 is 1s, which is more"),
        ("slo: [{errors: 1%}, {p99: 1s}]", "4: the page / is twice in slo"),
        ("slo: [{errors: 0.1}]", "4: errors must be a percentage such as 5%, but is the number 0.1"),
        ("gates: [{slo: true}]", "4: the gate 'slo' has nothing to hold a batch to"),
        ("slo: [{errors: 1%}], gates: [{slo: true}, {slo: true}]", "4: a stage compares with slo once"),
        ("slo: [{errors: 1%}], gates: [{slo: 5}]", "4: slo must be true or false, but is the number 5"),
    ])
    func objectivesThatCannotBe(_ keys: String, _ mistake: String) async throws {
        #expect(try await stage(keys).2 == [mistake])
    }

    @Test func everyPartIsReadOnAfterAMistake() async throws {
        let (mistakes, draft) = try await review(
            """
            service: "a shop"
            root: srv
            units: [shop, shop.service, shop.service]
            pool:
              name: shop
              members: web
              port: none
              check: {path: healthz, rise: 0, interval: 1 fortnight, expect: 99}
              config: /etc/haproxy/shop
            stages:
              staging: {playbook: site.yml}
              production:
                inventory: hosts.yml
                after: stage
                bake: -1
                rollout: {canary: -1, batch: 300%, dran: 1s}
                gates: [{http: {path: x}}, {command: no-such-program-anywhere}, 5, {http: {to: nobody}}]
            retention: {runs: 1, builds: 0}
            state: {url: shop}
            vault_password_file: [a, b]
            """)
        #expect(
            mistakes.sorted() == [
                "11: stage staging has no inventory",
                "14: stage production comes after 'stage', which is no stage above it",
                "15: bake must be a time such as 500ms, 30s or 5m, but is the number -1",
                "16: batch must be a number of hosts or a percentage such as 25%, but is the text '300%'",
                "16: canary must be a number from 0 to 10000, or a percentage such as 10%, but is the number -1",
                "16: unknown key 'dran' in rollout",
                "17: 'to' is one of balancers and batch, but is 'nobody'",
                "17: gate must be a mapping, but is the number 5",
                "17: path must be a URL's path such as /healthz, but is 'x'",
                "17: there is no command 'no-such-program-anywhere' on this machine",
                "18: builds must be a number from 1 to 100000, but is the number 0",
                "18: runs must be a number from 100 to 1000000, but is the number 1",
                "19: url must be etcd://…; a folder needs no more than its path",
                "1: 'a shop' cannot name a service",
                "20: vault_password_file must be text, but is a list",
                "2: root must be an absolute path on the hosts, but is 'srv'",
                "3: 'shop' is no whole name of a unit",
                "3: the unit 'shop.service' is named twice",
                "5: pool lacks 'balancers'",
                "7: port must be a number from 1 to 65535, but is the text 'none'",
                "8: expect must be a status such as 200, or a range such as 200-399, but is the number 99",
                "8: interval must be a time such as 500ms, 30s or 5m, but is the text '1 fortnight'",
                "8: path must be a URL's path such as /healthz, but is 'healthz'",
                "8: rise must be a number from 1 to 100, but is the number 0",
                "9: config must end in .cfg, or HAProxy leaves it out, but is '/etc/haproxy/shop'",
            ])
        #expect(draft?.file == nil)
        #expect(draft?.stages.map(\.name) == ["production"])
    }

    @Test(arguments: [
        ("servce: shop\npool: {name: a, balancers: b, members: c, port: 1}\nstages: {s: {inventory: i}}", "'servce'"),
        ("service: shop\npool: {nme: a, balancers: b, members: c, port: 1}\nstages: {s: {inventory: i}}", "'nme'"),
        (
            "service: shop\npool: {name: a, balancers: b, members: c, port: 1}\nstages: {s: {inventry: i}}",
            "'inventry'"
        ),
        (
            "service: shop\npool: {name: a, balancers: b, members: c, port: 1}\n"
                + "stages: {s: {inventory: i, gates: [{htp: {}}]}}", "'htp'"
        ),
    ])
    func aMisspeltKeyIsNotMissingToo(_ text: String, _ key: String) async throws {
        let (mistakes, _) = try await review(text)
        #expect(mistakes.count == 1 && mistakes.first?.contains("unknown key \(key)") == true, "\(mistakes)")
    }

    @Test func aStageAfterAMistakenOneIsNoMistake() async throws {
        let (mistakes, draft) = try await review(
            """
            service: shop
            pool: {name: a, balancers: b, members: c, port: 1}
            stages: {staging: {}, production: {inventory: i, after: staging}}
            """)
        #expect(mistakes == ["3: stage staging has no inventory"])
        #expect(draft?.file?.stages.map(\.name) == ["production"])
    }
}
