import Foundation
import TestSupport
import Testing

/// What real shells complete, with the scripts that Drover writes for them.
@Suite struct CompletionTests {
    /// At each kind of position: subcommands, options, stages, hosts, groups, builds, files.
    private static let positions: KeyValuePairs<String, [String]> = [
        "drover stat": ["state", "status"], "drover status ": ["production", "staging"],
        "drover status pro": ["production"], "drover pool v": ["verify"],
        "drover status --form": ["--format"], "drover status --format w": ["wide"],
        "drover plan inventory/s": ["inventory/staging.yml"], "drover apply sit": ["site.yml", "sitemap.txt"],
        "drover apply below/deep/": ["below/deep/db.yml"],
        "drover restart staging w": ["web", "web1"], "drover logs production e": ["edge1", "edge2"],
        "drover run --stage production lb": ["lb", "lb9"],
        "drover run --stage=production lb": ["lb", "lb9"],
        "drover run -i inventory/staging.yml w": ["web", "web1"],
        "drover ping --stage pro": ["production"], "drover ssh --stage staging web": ["web", "web1"],
        "drover lab ssh -i inventory/staging.yml l": ["lb", "lb1"],
        "drover ping -i sealed/host.yml s": ["s1", "sealed"], "drover promote --to p": ["production"],
        "drover plan site.yml -i inventory/staging.yml -l w": ["web", "web1"],
        "drover rollout st": ["staging", "start", "status"],
        "drover rollout staging site": ["site.yml", "sitemap.txt"],
        "drover rollout start st": ["staging"], "drover rollout start staging site": ["site.yml", "sitemap.txt"],
        "drover rollout staging --can": ["--canary"], "drover rollout resume st": ["staging"],
        "drover ping -i asks w": [],
    ]

    /// What differs: bash marks folders itself, and is not given what it would expand; zsh quotes before it compares.
    private static func ownPositions(of shell: CompletingShell) -> KeyValuePairs<String, [String]> {
        let mark = shell == .bash ? "" : "/"
        let hosts = ["10.0.0.7", "o%2", "o+1", "o@home", "o_3.example.org"] + (shell == .bash ? [] : ["fe80::1"])
        let files = [shell == .zsh ? "odd\\ name.yml" : "odd name.yml", "odd:name.yml"]
        return [
            "drover plan odd": shell == .bash ? [] : files.sorted(),
            "drover run -i inventory/odd.yml ": (hosts + ["all", "odd", "ungrouped"]).sorted(),
            "drover cp --stage staging web rel": [shell == .fish ? "release/" : "release"],
            "drover rollout start staging rel": ["release\(mark)"],
            "drover plan s": ["sealed\(mark)", "site.yml", "sitemap.txt", "staging"],
        ]
    }

    @Test(arguments: CompletingShell.allCases.filter(\.isInstalled))
    func realNamesAreOffered(_ shell: CompletingShell) async throws {
        try await expectOffers(Array(Self.positions) + Self.ownPositions(of: shell), by: shell)
    }

    @Test(arguments: CompletingShell.allCases.filter(\.isInstalled))
    func stagesAreKnownInFoldersBelow(_ shell: CompletingShell) async throws {
        try await expectOffers(
            Array(
                [
                    "drover status s": ["staging"], "drover restart staging w": ["web", "web1"],
                    "drover run --stage production lb": ["lb", "lb9"], "drover plan deep/d": ["deep/db.yml"],
                    "drover plan ../sitem": ["../sitemap.txt"],
                ] as KeyValuePairs), by: shell, below: "below")
    }

    @Test(.enabled("needs zsh") { CompletingShell.zsh.isInstalled })
    func zshInsertsWhatItMeans() async throws {
        try await ShopFolder.with { shop in
            let lines = [
                "drover status pro", "drover plan odd\\ ", "drover rollout start staging rel",
                "drover status --format=w",
                "drover run -i inventory/odd.yml fe",
            ]
            let typed = try await shop.typed(lines, by: .zsh)
            #expect(
                typed == [
                    "drover status production ", "drover plan odd\\ name.yml ",
                    "drover rollout start staging release/", "drover status --format=wide ",
                    "drover run -i inventory/odd.yml fe80::1 ",
                ])
        }
    }

    @Test(arguments: CompletingShell.allCases.filter(\.isInstalled))
    func buildsAndRunsComeFromTheJournalThatIsThere(_ shell: CompletingShell) async throws {
        try await ShopFolder.with { shop in
            #expect(try await shop.offers(["drover build remove "], by: shell) == [[]])
            #expect(
                !FileManager.default.fileExists(atPath: shop.url.path + "/.drover"), "completing makes no journal")
            _ = try await DroverProgram(in: shop.url).runBeside([
                "tar", "-C", "release", "-czf", "shop.tar.gz", "bin",
            ])
            let added = try await DroverProgram(in: shop.url)("build", "add", "shop.tar.gz")
            let release = String(added.output.prefix(12))
            #expect(release.count == 12, "\(added.errors)")
            let lines = ["drover build remove ", "drover promote ", "drover rollout staging \(release.prefix(5))"]
            let offered = try await shop.offers(lines, by: shell)
            #expect(offered == [[release, "shop.tar.gz"], [release, "shop.tar.gz"], [release]])
        }
    }

    private func expectOffers(
        _ lines: [(key: String, value: [String])], by shell: CompletingShell, below: String = ""
    ) async throws {
        try await ShopFolder.with { shop in
            let found = try await shop.offers(lines.map(\.key), by: shell, below: below)
            #expect(found.count == lines.count)
            for (line, names) in zip(lines, found) { #expect(names == line.value, "\(shell): \(line.key)") }
        }
    }
}
