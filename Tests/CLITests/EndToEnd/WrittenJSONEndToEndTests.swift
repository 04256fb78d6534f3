import Foundation
import TestSupport
import Testing
import Values

@testable import CLI

extension CrashEndToEndTests {
    /// Commands of a stage that is well, by turns changing it and asking; ``DroverProgram`` holds what each writes against
    /// docs/json.schema.json.
    @Test func whatCommandsWriteForProgramsIsWhatTheirPageSays() async throws {
        let lab = try ServiceLab.shared
        let (file, other) = (try await lab.build(1), try await lab.build(2))
        var written: Set<String> = []
        func type(_ line: String, status: Int32 = 0) async throws {
            let words = line.split(separator: " ").map(String.init)
            let options = Array(words.prefix { $0 != "--" }) + ["--format", "json"]
            let done = try await lab.drover.run(options + Array(words.dropFirst(options.count - 2)))
            #expect(done.status == status, "drover \(line): \(done.errors.suffix(2000))")
            written.formUnion(done.output.matches(of: #/"schema" ?: ?"([^"]+)"/#).map { String($0.output.1) })
        }
        // A build is known by the name that its content had first.
        let scrap = lab.folder.appendingPathComponent("scrap")
        try FileManager.default.createDirectory(at: scrap, withIntermediateDirectories: true)
        try UUID().uuidString.write(to: scrap.appendingPathComponent("own"), atomically: true, encoding: .utf8)
        try await type("apply staging")
        try await type("rollout staging \(file)")
        try await type("rollout staging \(other)")
        try await type("rollback staging")
        try await type("rollback staging")
        try await type("weight staging:stg-ap1 50%")
        try await type("weight staging:stg-ap1 100%")
        for run in try await runs(lab).prefix(8) { try await type("history --run \(run)") }
        for line in Self.questions + Self.figures { try await type(line) }
        try await type("restart staging stg-ap1")
        try await type("stop staging stg-ap1")
        try await type("status staging")
        try await type("apply staging")
        try await type("start staging stg-ap1")
        try await type("rollout resume staging", status: 1)
        try await type("run stg-ap1 --stage production -- true", status: 64)
        let known = Set(JSONPage.all.map(\.id))
        // Nobody loses a lease here, no connection is kept, and nothing takes long to send.
        #expect(known.subtracting(written) == ["drover.lease-override/1", "drover.connection/1", "drover.upload/1"])
    }

    /// Numbers of what was done to staging, newest first.
    private func runs(_ lab: ServiceLab) async throws -> [Int] {
        let history = try await lab.drover("history", "staging", "--format", "json").succeeded()
        guard case .list(let runs) = try PlainJSON.read(history.output) else { return [] }
        return runs.compactMap { run in if case .int(let number) = run["run"] { number } else { nil } }
    }

    /// What tells of hosts' figures, with and without an agent.
    private static var figures: [String] {
        let agent = DroverProgram.repository.appendingPathComponent(".build/agent/drover-agent").path
        return [
            "capacity staging --for 5s", "advise hosts staging --for 5s", "advise memory staging --for 5s",
            "advise storage --count 1M --average 2k", "diagnose staging --for 5s", "top staging --count 1 --interval 1",
            "sar stg-ap1 1 1 --stage staging", "agent install stg-ap1 --stage staging --binary \(agent)",
            "agent status stg-ap1 --stage staging", "agent remove stg-ap1 --stage staging",
        ]
    }

    private static let questions = [
        "check", "plan staging", "status", "history", "pool status staging", "pool verify staging",
        "logs staging stg-ap1 -n 3", "lock status staging", "lock release staging --reason none", "build list",
        "rollout status staging", "promote --dry-run",
        "build make playbooks -o made.tar", "build make scrap --name scrap --version 1", "build remove scrap-1",
        "build prune --keep 20",
        "connections close",
        "state export dump.jsonl", "ping --stage staging", "doctor --stage staging",
        "lab status -i inventory/staging.yml",
        "lab up -i inventory/staging.yml", "cp --stage staging ap drover.yml /tmp/", "run --stage staging ap -- true",
    ]
}
