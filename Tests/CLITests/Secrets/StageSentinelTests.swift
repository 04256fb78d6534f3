import Fleet
import Foundation
import Journaling
import Rollouts
import TestSupport
import Testing

@testable import CLI

/// What a stage's run writes: its journal with the files beside it, while it runs and afterwards, leases, output, errors.
@Suite(.serialized) struct StageSentinelTests {
    private static let recorded = DroverProgram.repository.appendingPathComponent("Tests/InventoriesTests/Cases/vault")

    /// What was encrypted, and a password that stands in the open.
    private static let secrets = ["s3cret-of-all", "key for web", "token of web2", "first secret", "planted-for-sudo"]

    /// The last task looks into the journal while the controller has it open.
    private static let playbook = """
        - hosts: web
          gather_facts: false
          tasks:
            - command: /bin/echo {{ vault_db_password }} {{ api_key }}
              become: true
            - shell: echo "$WORD"; echo "$WORD" >&2; exit 4
              environment: {WORD: "{{ vault_db_password }} {{ vault_list[0] }}"}
              ignore_errors: true
            - fail: {msg: "no {{ token | default(ansible_become_password) }}"}
              ignore_errors: true
            - shell: cd DIR/state && cat journal* >>DIR/seen && ls journal* >>DIR/names
            - fail: {msg: "at last {{ vault_db_password }}"}
              when: fails | default(false)
        """

    private func prepare(_ folder: URL, _ name: String) throws {
        let service = """
            service: \(name)
            root: \(folder.path)/srv
            units: [no-such-unit.service]
            pool: {name: shop, balancers: db, members: web, port: 80, config: \(folder.path)/shop.cfg, socket: \(folder.path)/none.sock}
            stages:
              staging: {inventory: [\(Self.recorded.path)/inventory/hosts.yml, here.yml], playbook: play.yml}
            """
        let files = [
            "drover.yml": service, "play.yml": Self.playbook.replacing("DIR", with: folder.path),
            "here.yml": "all: {vars: {ansible_connection: local, ansible_become_password: planted-for-sudo}}\n",
        ]
        for (name, text) in files {
            try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }

    @Test(arguments: [["--format", "table"], ["--format", "json"], ["--diff", "-e", "fails=yes"]])
    func aStagesRunWritesNoSecret(_ options: [String]) async throws {
        try await withOwnService { folder, service in
            try prepare(folder, service)
            let state = folder.appendingPathComponent("state").path
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": state])
            let passwords = ["default", "prod", "dev"].flatMap {
                ["--vault-id", "\($0)@\(Self.recorded.path)/passwords/\($0)"]
            }
            let transcript = try await drover.run(["apply", "staging"] + options + passwords)
            // No balancer answers, and at the end a task may fail.
            #expect(transcript.status == 1, "\(transcript.errors)")
            #expect(transcript.output.contains("********"), "\(transcript.output) \(transcript.errors)")
            let names = try String(contentsOfFile: folder.path + "/names", encoding: .utf8)
            #expect(names.contains("journal.sqlite-wal"))
            let journal = try contents(below: state) + [try Data(contentsOf: folder.appendingPathComponent("seen"))]
            // The stage's lease at least is in it.
            #expect(journal.contains { $0.range(of: Data("staging".utf8)) != nil })
            for secret in Self.secrets {
                #expect(!(transcript.output + transcript.errors).contains(secret), "\(secret)")
                for data in journal { #expect(data.range(of: Data(secret.utf8)) == nil, "\(secret)") }
            }
        }
    }

    @Test func whatHostsSayInARolloutIsMaskedOnDisk() async throws {
        try await withTemporaryFolder { folder in
            let redactor = Redactor()
            for secret in Self.secrets { redactor.add(secret) }
            let path = folder.appendingPathComponent("state/journal.sqlite").path
            let journal = try SQLiteJournal(path: path)
            let now = Timestamp(milliseconds: 1000)
            let ledger = RolloutLedger(journal: journal, holder: "here", now: { now }, mask: { redactor($0) })
            let lease = try await journal.acquireLease(
                stage: "staging", holder: "here", timeToLive: .seconds(30), now: now)
            let host = try HostName("web1")
            let run = try await ledger.begin(
                RolloutPlan(
                    stage: "staging", kind: .rollout, build: try BuildDigest(String(repeating: "a", count: 64)),
                    baseline: nil, hosts: [host], skippedEvidence: "because of planted-for-sudo"),
                under: lease
            ).run.id
            for text in Self.secrets.map({ "it said \($0), in base64 \(Data($0.utf8).base64EncodedString())" }) {
                let fault = RolloutError(.command, host: host, text, detail: [text], hints: [text])
                let events: [RolloutEvent] = [
                    .failed(.observe(host), fault), .done(.observe(host), note: text), .turnedBack(.told(text)),
                    .turnedBack(.canary(fault)),
                    .judged(batch: 0, GateReport([.init(gate: "http", verdict: .fail, reason: text)])),
                ]
                for event in events { _ = try await ledger.record(event, in: run, under: lease) }
            }
            let files = try contents(below: folder.path)
            // The journal is open: what was written last is in the file beside it.
            #expect(files.contains { $0.range(of: Data("it said ********, in base64 ********".utf8)) != nil })
            for secret in Self.secrets {
                for spelling in [secret, Data(secret.utf8).base64EncodedString()] {
                    for data in files { #expect(data.range(of: Data(spelling.utf8)) == nil, "\(spelling)") }
                }
            }
        }
    }

    private func contents(below folder: String) throws -> [Data] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        return names.compactMap { FileManager.default.contents(atPath: folder + "/" + $0) }
    }
}
