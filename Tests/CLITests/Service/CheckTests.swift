import Foundation
import TestSupport
import Testing

/// `drover check`: everything that is wrong with a service's files at once, and no connection.
@Suite struct CheckTests {
    private static let wholesome = [
        "drover.yml": """
        service: shop
        vault_password_file: secret
        pool: {name: shop, balancers: lb, members: web, port: 80}
        stages:
          staging: {inventory: staging.yml, playbook: site.yml, gates: [{command: scripts/smoke}]}
          production: {inventory: production.yml, playbook: site.yml, after: staging}

        """,
        "secret": "zebra7\n", "scripts/smoke": "#!/bin/sh\n",
        "staging.yml": "web: {hosts: {s1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}\nlb: {hosts: {sb: {}}}\n",
        "production.yml": "web: {hosts: {p1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}\nlb: {hosts: {pb: {}}}\n",
        "site.yml": "- hosts: web\n  roles: [web]\n",
        "roles/web/tasks/main.yml": """
        - name: Settings
          template: {src: settings.j2, dest: /etc/shop}
          notify: restart
        """,
        "roles/web/templates/settings.j2": "port {{ port }}\n",
        "roles/web/handlers/main.yml": "- name: restart\n  service: {name: shop, state: restarted}\n",
    ]

    private func inService<Answer>(
        _ files: [String: String?] = [:], _ body: (DroverProgram, SilentListener) async throws -> Answer
    ) async throws -> Answer {
        try await withTemporaryFolder { folder in
            let listener = try SilentListener()
            for (name, text) in Self.wholesome.merging(files.mapValues { $0 ?? "" }, uniquingKeysWith: { $1 }) {
                if files[name] == .some(nil) { continue }
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.replacing("PORT", with: "\(listener.port)").write(
                    to: file, atomically: true, encoding: .utf8)
            }
            let script = folder.appendingPathComponent("scripts/smoke").path
            if FileManager.default.fileExists(atPath: script) {
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
            }
            return try await body(DroverProgram(in: folder), listener)
        }
    }

    @Test func aServiceWithoutMistakesIsFineAndNobodyIsConnectedTo() async throws {
        try await inService { drover, listener in
            let checked = try await drover("check")
            #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
            #expect(checked.output.isEmpty)
            #expect(
                checked.errors == "no mistakes in drover.yml and its stages staging (2 hosts), production (2 hosts)\n")
            #expect(!listener.wasConnectedTo())
            #expect(!FileManager.default.fileExists(atPath: drover.folder + "/.drover"))
        }
    }

    @Test func aFileThatAStageNamesAndThatIsNotThereIsToldWhereItIsNamed() async throws {
        try await inService(["staging.yml": nil, "site.yml": nil, "sites.yml": ""]) { drover, _ in
            let told = [
                "drover.yml:5:47: stage staging names the playbook 'site.yml', which is not there\n"
                    + "hint: did you mean 'sites.yml'?",
                "drover.yml:5:24: stage staging names the inventory 'staging.yml', which is not there\n"
                    + "hint: paths begin at the folder of drover.yml",
            ]
            let checked = try await drover("check", "staging")
            #expect(checked.status == 64)
            for line in told { #expect(checked.output.contains(line), "\(checked.output)") }
            let (planned, pinged) = (try await drover("plan", "staging"), try await drover("ping", "staging"))
            #expect(planned.status == 64 && planned.errors.contains(told[0]), "\(planned.errors)")
            #expect(pinged.status == 64 && pinged.errors.contains(told[1]), "\(pinged.errors)")
        }
    }

    private static let mistaken: [String: String?] = [
        "drover.yml": """
        service: shop
        vault_password_file: secret
        unit: [shop.service]
        pool: {name: shop, balancers: lb, members: webs, port: 808080}
        stages:
          staging: {inventory: staging.yml, playbook: site.yml, gates: [{command: scripts/smoke}]}
          production: {inventory: production.yml, playbook: site.yml, after: stagin, rollout: {canary: x}}

        """,
        "scripts/smoke": nil,
        "staging.yml": "web:\n  hosts:\n    s[3:1]:\n  hots: {}\nlb: {hosts: {sb: {}}}\n",
        "group_vars/web.yml": "port: [\n",
        "site.yml": "- hosts: web\n  roles: [web, gone]\n  tasks:\n    - coppy: {}\n",
        "roles/web/tasks/main.yml": """
        - name: Settings
          template: {src: settings.j2, dest: /etc/shop, ower: root}
          notify: restart
        - name: Page
          template: {src: page.j2, dest: /srv/page}
        - debug: {msg: a}
          wen: true
        - copy: {src: nowhere, dest: /srv/nowhere}
        """,
        "roles/web/templates/page.j2": "fine\n{{ open\n",
    ]

    @Test func everythingThatIsWrongIsToldAtOnceByItsPlace() async throws {
        try await inService(Self.mistaken) { drover, listener in
            let checked = try await drover("check")
            #expect(checked.status == 64)
            let lines = checked.output.split(separator: "\n")
            let mistakes = lines.filter { $0.hasPrefix("error: ") }.map { $0.dropFirst("error: ".count) }
            let expected = [
                "./site.yml:2:", "./site.yml:4:", "./staging.yml:3:", "./staging.yml:4:",
                "drover.yml:3:1: unknown key 'unit'", "drover.yml:4:56: port must be a number", "drover.yml:6:",
                "drover.yml:7:", "drover.yml:7:", "group_vars/web.yml:2:", "roles/web/tasks/main.yml:2:",
                "roles/web/tasks/main.yml:7:", "roles/web/tasks/main.yml:8:", "roles/web/templates/page.j2:2",
            ]
            #expect(mistakes.count == expected.count, "\(checked.output)")
            for (mistake, place) in zip(mistakes, expected) {
                #expect(mistake.hasPrefix(place), "\(mistake) is not at \(place)")
            }
            #expect(lines.contains("hint: did you mean 'owner'?"), "\(checked.output)")
            #expect(lines.contains { $0.contains("did you mean 'units'?") }, "\(checked.output)")
            #expect(checked.errors.contains("the hosts of stage staging are looked at once its inventory is mended"))
            #expect(checked.errors.hasSuffix("\(expected.count) mistakes\n"), "\(checked.errors)")
            #expect(!listener.wasConnectedTo())
        }
    }

    @Test func programsReadTheSame() async throws {
        try await inService(Self.mistaken) { drover, _ in
            let checked = try await drover("check", "--format", "json")
            #expect(checked.status == 64)
            struct Answer: Decodable {
                struct Mistake: Decodable { let error: String, file: String?, line: Int?, hints: [String] }
                let count: Int, mistakes: [Mistake], unread: [String]
            }
            let answer = try JSONDecoder().decode(Answer.self, from: Data(checked.output.utf8))
            #expect(answer.count == answer.mistakes.count && answer.count == 14)
            #expect(answer.mistakes.first?.file == "./site.yml")
            #expect(answer.unread == ["staging", "production"])
        }
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let files: [String: String?]
        var stage: [String] = []
        let says: [String]
    }

    @Test(arguments: [
        Mistake(
            testDescription: "a group of the pool without hosts",
            files: ["staging.yml": "webs: {hosts: {s1: {}}}\nlb: {hosts: {sb: {}}}\n"],
            says: ["drover.yml:5", "no hosts in group 'web'", "did you mean 'webs'?"]),
        Mistake(
            testDescription: "two names for one machine",
            files: [
                "production.yml":
                    "web: {hosts: {p1: {ansible_host: 10.0.0.1}, p2: {ansible_host: 10.0.0.1}}}\nlb: {hosts: {pb: {}}}\n"
            ], says: ["./production.yml:1", "are one machine"]),
        Mistake(
            testDescription: "a secret that the vault's password does not open",
            files: [
                "group_vars/web.yml": """
                port: !vault |
                  $ANSIBLE_VAULT;1.1;AES256
                  33363965326261303234626463623963633531343539616264653136323461613034663131353566
                  3366623463373064653338373739366132353236653838620a613836613839313764353862363135
                  35396137386335313365653032373535306262626166386230313137613162633236653137623232
                  3862306431613164320a386332363161383432363465303831356336613935343234613862613462
                  3339

                """
            ], says: ["group_vars/web.yml:1", "encrypted with ansible-vault"]),
        Mistake(
            testDescription: "a vault's password that is not there", files: ["secret": nil],
            says: ["secret"]),
        Mistake(
            testDescription: "a port that is none",
            files: ["staging.yml": "web: {hosts: {s1: {ansible_port: ssh}}}\nlb: {hosts: {sb: {}}}\n"],
            says: ["./staging.yml:1", "ansible_port"]),
        Mistake(
            testDescription: "a handler that is not there", files: ["roles/web/handlers/main.yml": nil],
            says: ["roles/web/tasks/main.yml:3", "no handler is called 'restart'"]),
        Mistake(
            testDescription: "no such stage", files: [:], stage: ["prodution"], says: ["'prodution'", "production"]),
        Mistake(
            testDescription: "no service's file", files: ["drover.yml": nil], says: ["drover.yml: there is no such"]),
        Mistake(
            testDescription: "two mistakes in the command line's stage alone",
            files: [
                "staging.yml": "web: [\n", "production.yml": "web: {hosts: {p1: {}}}\nlb: {hosts: {pb: {}}, x: {}}\n",
            ],
            stage: ["production"], says: ["./production.yml:2", "'x'"]),
    ])
    func aMistakeIsToldWithItsPlaceAlone(_ mistake: Mistake) async throws {
        try await inService(mistake.files) { drover, _ in
            let checked = try await drover.run(["check"] + mistake.stage)
            #expect(checked.status == 64, "\(checked.output)\(checked.errors)")
            for part in mistake.says { #expect(checked.output.contains(part), "\(checked.output)") }
            #expect(checked.errors.hasSuffix("1 mistake\n"), "\(checked.output)\(checked.errors)")
        }
    }

    @Test func theRepositorysOwnServiceIsFine() async throws {
        let checked = try await DroverProgram(in: DroverProgram.repository)("check")
        #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
    }
}
