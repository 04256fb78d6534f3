import Foundation
import TestSupport
import Testing

/// A command of the README, as one of two users types it.
private struct ReadmeStep: Sendable {
    enum User: Sendable { case one, other }

    let command: String
    let user: User
    var values: [String: String] = [:]
    /// What the page leaves out and the command wants.
    var adds = ""
    /// Whether it is done with a journal that holds nothing yet.
    var isFresh = false
    var status: Int32 = 0

    init(
        _ user: User, _ command: String, _ values: [String: String] = [:], adds: String = "", isFresh: Bool = false,
        status: Int32 = 0
    ) {
        (self.user, self.command, self.values) = (user, command, values)
        (self.adds, self.isFresh, self.status) = (adds, isFresh, status)
    }

    var line: String { ReadmeCommands.line(command, values) + adds }
}

extension CrashEndToEndTests {
    /// The README's commands by turns: from the folder that the lab is in, and from a fresh clone on a host of the lab, by a
    /// user without a home folder. The commands are taken from the page; one that this test does not know fails it.
    @Test(.timeLimit(.minutes(15))) func twoUsersTakeTurnsAtEveryCommandOfTheReadme() async throws {
        let lab = try ServiceLab.shared
        let visitor = try await Visitor(of: lab)
        let files = try await [lab.build(2), lab.build(3), lab.build(4)]
        for file in files.dropFirst() { try await visitor.bring(file: file) }
        let script = "#!/bin/sh\necho checked\n"
        try script.write(to: lab.folder.appendingPathComponent("check.sh"), atomically: true, encoding: .utf8)
        try await visitor("printf '%s' '\(script)' >check.sh").succeeded()
        let key = lab.folder.path + "/signer"
        try await DroverProgram.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]).succeeded()
        let steps = try await Self.steps(files)
        for step in steps {
            let done = try await Self.take(step, lab, visitor)
            #expect(
                done.status == step.status,
                "\(step.user): \(step.line)\n\(done.output.suffix(1500))\n\(done.errors.suffix(2500))")
        }
        // Booting hosts of the lab is for the machine that they are on; one has done so.
        let known = Set(steps.map(\.command) + steps.map(\.line))
        #expect(try ReadmeCommands.all().filter { !known.contains($0) } == ["drover lab up -i INVENTORY"])
        #expect(try await lab.runningBuilds() == ["3"])
        try await lab.drover("pool", "verify", "production").succeeded()
        try await lab.drover("rollout", "staging", lab.build(1)).succeeded()
        try await lab.drover("promote").succeeded()
    }

    private static func name(_ file: String) -> String { URL(fileURLWithPath: file).lastPathComponent }

    private static func take(_ step: ReadmeStep, _ lab: ServiceLab, _ visitor: Visitor) async throws -> Transcript {
        if step.user == .other { return try await visitor(step.line, state: step.isFresh ? "fresh" : "state") }
        var drover = lab.drover
        drover.environment["DROVER_INVENTORY"] = "inventory/production.yml"
        if step.isFresh { drover.environment["DROVER_STATE"] = lab.folder.path + "/fresh" }
        return try await drover.runBeside(["sh", "-c", #"drover() { "$0" "$@"; }; "# + step.line, DroverProgram.binary])
    }

    /// What both type, in an order in which it makes sense; in the short form by turns, what each may do alone.
    private static func steps(_ files: [String]) async throws -> [ReadmeStep] {
        let digests = try await files.asyncMap { file in
            String(try await DroverProgram.run(["sha256sum", file]).succeeded().output.prefix(12))
        }
        var isOthersTurn = false
        func both(
            _ command: String, _ values: [String: String] = [:], adds: String = "", isFresh: Bool = false,
            status: Int32 = 0
        ) -> [ReadmeStep] {
            isOthersTurn.toggle()
            let isLong = LongForm.isAsked || values["BUILD"] != nil || command.hasSuffix(" FILE")
            return [
                ReadmeStep(.one, command, values, adds: adds, isFresh: isFresh, status: status),
                ReadmeStep(.other, command, values, adds: adds, isFresh: isFresh, status: status),
            ].filter { isLong || ($0.user == .other) == isOthersTurn }
        }
        let rollouts = [
            ReadmeStep(.one, "drover build add FILE", ["FILE": files[2]]),
            ReadmeStep(.other, "drover build add FILE", ["FILE": name(files[2])]),
            ReadmeStep(.other, "drover rollout STAGE BUILD", ["STAGE": "staging", "BUILD": name(files[1])]),
            ReadmeStep(.one, "drover rollout STAGE BUILD", ["STAGE": "staging", "BUILD": files[0]]),
            ReadmeStep(.one, "drover promote"), ReadmeStep(.other, "drover promote"),
            ReadmeStep(.other, #"drover promote BUILD --skip-evidence "REASON""#, ["BUILD": digests[1]]),
            ReadmeStep(.one, #"drover promote BUILD --skip-evidence "REASON""#, ["BUILD": digests[1]]),
            ReadmeStep(.one, "drover rollback STAGE [--to BUILD]"),
            ReadmeStep(.other, "drover rollback STAGE [--to BUILD]", ["[--to BUILD]": "--to \(digests[1])"]),
        ]
        let units = [
            ReadmeStep(.one, "drover restart STAGE [HOST|GROUP]"),
            ReadmeStep(.other, "drover restart STAGE [HOST|GROUP]", ["[HOST|GROUP]": "ap1"]),
            ReadmeStep(.one, "drover stop STAGE [HOST|GROUP]", ["[HOST|GROUP]": "ap1"]),
            ReadmeStep(.other, "drover start …"),
            ReadmeStep(.other, "drover stop STAGE [HOST|GROUP]", ["[HOST|GROUP]": "ap2"]),
            ReadmeStep(.one, "drover start …", ["…": "production ap2"]),
            ReadmeStep(.one, "drover drain HOST", ["HOST": "production:ap1"]),
            ReadmeStep(.other, "drover undrain HOST", ["HOST": "production:ap1"]),
            ReadmeStep(.other, "drover maintenance on HOST", ["HOST": "ap2 --stage production"]),
            ReadmeStep(.one, "drover maintenance off HOST", ["HOST": "production:ap2"]),
            ReadmeStep(.one, "drover weight HOST N", ["HOST": "production:ap1", "N": "50"]),
            ReadmeStep(.other, "drover weight HOST N", ["HOST": "production:ap1", "N": "100%"]),
            ReadmeStep(.other, "drover drain HOST", ["HOST": "production:ap2"]),
            ReadmeStep(.one, "drover undrain HOST", ["HOST": "production:ap2"]),
            ReadmeStep(.one, "drover maintenance on HOST", ["HOST": "production:ap1"]),
            ReadmeStep(.other, "drover maintenance off HOST", ["HOST": "production:ap1"]),
            ReadmeStep(.one, "drover logs STAGE [HOST|GROUP]"),
            ReadmeStep(.other, "drover logs STAGE [HOST|GROUP]", ["[HOST|GROUP]": "ap1"]),
        ]
        let plans =
            both("drover plan STAGE") + both("drover plan PLAYBOOK -i INVENTORY") + both("drover apply STAGE")
            + both("drover apply PLAYBOOK -i INVENTORY")
        let questions =
            both("drover check [STAGE]") + both("drover build list") + both("drover rollout resume STAGE", status: 1)
            + both("drover rollout status [STAGE]") + both("drover rollout pause STAGE", status: 1)
            + both("drover rollout approve STAGE", status: 1) + both("drover rollout abort STAGE", status: 1)
            + both("drover status [STAGE] [-w]") + both("drover history")
            + both("drover lock status STAGE") + both("drover lock release STAGE", adds: " --reason 'a test'")
            + both("drover pool status STAGE") + both("drover pool verify STAGE")
        let state =
            both("drover build make [FOLDER]", ["[FOLDER]": "playbooks"])
            + [ReadmeStep(.one, "drover build sign BUILD --key FILE", ["BUILD": digests[1], "FILE": "signer"])]
            + both("drover build remove BUILD", ["BUILD": digests[2]]) + both("drover build prune [--keep N]")
            + both("drover state export FILE") + both("drover state import FILE", isFresh: true)
        let hosts =
            [
                "drover run -i INVENTORY PATTERN -- COMMAND", "drover cp -i INVENTORY PATTERN SOURCE… DEST",
                "drover ssh -i INVENTORY HOST", "drover doctor -i INVENTORY [PATTERN]", "drover ping", "drover trust",
                "drover inventory", "drover connections list", "drover run ap -- 'df -h / | tail -1'",
                "drover run ap --output grouped -- uname -r",
                "drover run ap --script check.sh -- --verbose",
                "drover run ap --serial 20% --fail-percent 10 -b -- systemctl restart bookmark",
                "drover run ap --format json -- uptime", "drover --generate-completion-script bash",
                "drover trust --stage production",
            ].flatMap { both($0) } + both("drover init", adds: " begun --yes")
        // Where an inventory is named, no stage stands before a pattern.
        let stages = ["drover ping production", "drover run production:ap -- uptime", "drover doctor STAGE"].flatMap {
            both($0, ["drover": "DROVER_INVENTORY= drover"])
        }
        return plans + rollouts + questions + units + state + hosts + stages + insight(both)
    }

    /// What tells of hosts' figures. The agent's program is on one user's machine alone.
    private static func insight(
        _ both: (String, [String: String], String, Bool, Int32) -> [ReadmeStep]
    ) -> [ReadmeStep] {
        func ask(_ command: String, _ values: [String: String] = [:], adds: String = "") -> [ReadmeStep] {
            both(command, values, adds, false, 0)
        }
        let agent = DroverProgram.repository.appendingPathComponent(".build/agent/drover-agent").path
        let stages = [
            "drover capacity STAGE", "drover advise hosts STAGE", "drover advise memory STAGE",
        ].flatMap { ask($0, adds: " --for 5s") }
        return stages + ask("drover diagnose STAGE [--for 60s]", ["[--for 60s]": "--for 5s"])
            + ask("drover top STAGE [HOST|GROUP]", adds: " --count 1")
            + ask(
                "drover sar HOST|GROUP [-u|-r|-d|-n DEV|-q|-B|…] [INTERVAL [COUNT]]",
                ["HOST|GROUP": "ap", "[INTERVAL [COUNT]]": "1 1"])
            + ask("drover advise storage --count N --average SIZE", ["N": "1000000", "SIZE": "4K"])
            + [ReadmeStep(.one, "drover agent install STAGE", ["STAGE": "ap1"], adds: " --binary \(agent)")]
            + ask("drover agent status", adds: " ap1")
            + [ReadmeStep(.one, "drover agent remove", adds: " ap1")]
    }

    /// Moments at which the one is killed; the visitor, who knows only what hosts tell, ends what was begun.
    @Test(
        arguments: LongForm.cases([
            Crash(event: "intent", action: "stage", remedy: ["rollout", "resume", "production"]),
            Crash(event: "done", action: "drain", remedy: ["rollback", "production"]),
            Crash(event: "done", action: "check", remedy: ["rollback", "production"]),
            Crash(event: "intent", action: "confirm", remedy: ["rollout", "resume", "production"]),
        ]))
    func aVisitorWithoutAHomeEndsWhatAKilledControllerBegan(_ crash: Crash) async throws {
        let lab = try ServiceLab.shared
        let visitor = try await Visitor(of: lab)
        let file = try await next(lab)
        // No host of the stage has the build before it was brought to all: whoever resumes that needs its file.
        try await visitor.bring(file: file)
        try await visitor("drover build add \(Self.name(file))").succeeded()
        let (_, load) = try await underLoad(lab.balancers, rate: 40) {
            let killed = try await lab.drover.run(
                ["promote", "--format", "json"], sending: SIGKILL, when: crash.happens)
            #expect(killed.status == 128 + SIGKILL, "the moment never came: \(killed.output.suffix(2000))")
            let line = (["drover"] + crash.remedy + ["--lock-wait", "60s"]).joined(separator: " ")
            let done = try await visitor(line)
            #expect(done.status == 0, "\(done.output.suffix(3000))\n\(done.errors)")
        }
        #expect(load.failed == 0, "\(load.faults)")
        #expect(try await lab.runningBuilds().count == 1)
        try await lab.drover("pool", "verify", "production").succeeded()
    }
}

extension [String] {
    fileprivate func asyncMap(_ change: (String) async throws -> String) async rethrows -> [String] {
        var changed: [String] = []
        for element in self { changed.append(try await change(element)) }
        return changed
    }
}
