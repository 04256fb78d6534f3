import TestSupport
import Testing

/// The guides' commands, typed by whoever has followed docs/first-service.md up to a production that serves.
struct FollowedGuides: Sendable {
    let starter: Starter
    /// The journal that several controllers share.
    private var etcd = ""

    init(starter: Starter) { self.starter = starter }

    /// Types them: in the short form what asks, in the long one what changes something as well.
    func follow() async throws {
        guard LongForm.isAsked else { return try await followAll() }
        try await ThrowawayEtcd.with { etcd in
            var guides = self
            guides.etcd = etcd.text()
            try await guides.followAll()
        }
    }

    private func followAll() async throws {
        if LongForm.isAsked {
            // The reader has gone on working: the next build is none that a stage has.
            try await type("echo '// More.' >>main.go; git commit -q -a -m More; git tag v4; make dist", on: "before")
        }
        try await type("drover build make dist --output ../made.tar.gz", on: "before")
        try await type("printf '#!/bin/sh\\necho checked\\n' >check.sh", on: "before")
        for page in Self.pages where LongForm.isAsked || !page.isLong {
            let guide = try Guide(page.name)
            let steps = guide.steps.filter { page.takes($0.command) }
            #expect(!steps.isEmpty, "\(page.name)")
            for step in steps where !Self.changing.contains(step.command) {
                try await take(step, page)
            }
            for command in page.mentions ? guide.mentioned : [] where Self.isQuestion(command) {
                try await take(Guide.Step(command: command), page)
            }
        }
        for (command, build, status) in Self.changes where LongForm.isAsked {
            let line = Self.line(command, Self.usual.merging(["BUILD": build, "NAME": build]) { $1 })
            try await type(line, on: "changes", status: status)
        }
    }

    private func take(_ step: Guide.Step, _ page: Page) async throws {
        let line = Self.line(step.command, Self.usual.merging(page.words) { $1 })
        let own = line.replacing("etcd://etcd1,etcd2,etcd3", with: etcd)
        try await type(own, on: page.name, showing: step.shown)
    }

    private func type(
        _ line: String, on page: String, showing shown: [String] = [], status: Int32 = 0
    ) async throws {
        let done = try await starter.program.runBeside(["sh", "-c", "cd hello\n{ \(line)\n} 2>&1"])
        #expect(done.status == status, "\(page): \(line)\n\(done.output.suffix(2000))")
        #expect(Guide.missing(shown, in: done.output) == [], "\(page): \(line)\n\(done.output.suffix(2000))")
    }

    // MARK: what is typed for what a page leaves open

    private static let usual = [
        "STAGE": "production", "HOST": "ap1", "COMMAND": "uptime", "PATTERN": "ap", "FILE": "../made.tar.gz",
        "41": "1", "site.yml": "playbooks/site.yml", "hosts.yml": "inventory/production.yml", "web": "ap",
        "web1": "ap1", "./file": "./drover.yml", "/etc/file": "/tmp/file",
    ]

    private static func line(_ command: String, _ words: [String: String]) -> String {
        let all = command.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        let typed = all.enumerated().map { place, word in
            if word == "inventory", place > 0, all[place - 1] == "-i" { return "inventory/production.yml" }
            return words[word] ?? word
        }.joined(separator: " ")
        return typed + (endless.first(where: { command.hasPrefix($0.command) })?.ending ?? "")
    }

    /// What goes on until its reader has seen enough, and how often is enough here.
    private static let endless = [
        (command: "drover top ", ending: " --count 2"), (command: "drover sar HOST 1 ", ending: " 2"),
    ]

    // MARK: the pages

    struct Page: Sendable {
        let name: String
        /// Whether it changes what runs.
        var isLong = false
        /// Whether commands within its sentences and tables are typed as well.
        var mentions = false
        var words: [String: String] = [:]
        var takes: @Sendable (String) -> Bool = { _ in true }
    }

    static let pages = [
        // Its other blocks are run by tests of their own.
        Page(name: "README.md", takes: { $0.contains("hosts.yml") }),
        Page(name: "docs/on-call.md", mentions: true), Page(name: "docs/security.md", mentions: true),
        Page(name: "docs/from-ansible.md", mentions: true, words: ["FILE": "/etc/hostname"]),
        Page(name: "docs/from-kamal-and-capistrano.md", isLong: true), Page(name: "docs/teams.md", isLong: true),
        Page(name: "docs/backup-and-upgrade.md"), Page(name: "docs/hosts-and-balancers.md"),
        // The next page's hosts are to be connected to anew.
        Page(name: "docs/transports.md"), Page(name: "docs/messages.md"),
        Page(name: "docs/ci.md", isLong: true, words: ["build.tar.gz": "../made.tar.gz", "6a0291752e77": before]),
    ]

    /// The build before, as its digest: the page's reader has made two that are called `hello-v1`.
    private static let before =
        #"$(drover status production --format json | sed -n 's/.*"previous" : "\([0-9a-f]*\)[-0-9a-f]*".*/\1/p')"#

    private static let changes: [(command: String, build: String, status: Int32)] = [
        ("drover rollout STAGE BUILD", "hello-v2", 0), ("drover rollback STAGE", "", 0),
        ("drover rollout STAGE NAME", "hello-v2", 0), ("drover rollback STAGE --to BUILD", before, 0),
        ("drover rollout STAGE BUILD --budget 1", "hello-v2", 0),
        (#"drover rollback STAGE --without lb2 "its disk died at 02:40""#, "", 0), ("drover apply STAGE", "", 0),
        (#"drover promote BUILD --skip-evidence "REASON""#, "hello-v2", 0), ("drover promote BUILD", before, 0),
        ("drover stop STAGE HOST", "", 0), ("drover start STAGE HOST", "", 0), ("drover rollout resume STAGE", "", 1),
        ("drover drain STAGE HOST --reason TEXT", "", 0), ("drover undrain STAGE HOST", "", 0),
        ("drover maintenance on STAGE HOST", "", 0), ("drover maintenance off STAGE HOST", "", 0),
    ]

    private static let changing = Set(changes.map(\.command))

    /// What is not to be typed here: it wants a person or a host that is gone, or is the name of something alone.
    private static let elsewhere: Set = [
        "drover status STAGE -w", "drover apply STAGE --forget HOST", "drover ssh lb1 --stage STAGE",
        "drover trust HOST",
        "drover run HOST -i inventory --serial 1 -b -- reboot", "drover run --raw", "drover lock release --force",
    ]

    private static func isQuestion(_ command: String) -> Bool {
        !changing.contains(command) && !elsewhere.contains(command)
    }
}
