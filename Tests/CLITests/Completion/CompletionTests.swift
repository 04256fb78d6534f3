import Foundation
import TestSupport
import Testing

/// What a real bash completes, with the script that Drover writes for it.
@Suite struct CompletionTests {
    private static let files = [
        "drover.yml": """
        service: shop
        pool: {name: shop, balancers: lb, members: web, port: 80}
        stages:
          staging: {inventory: inventory/staging.yml, playbook: site.yml}
          production: {inventory: inventory/production.yml, playbook: site.yml, after: staging}
        """,
        "inventory/staging.yml":
            "web: {hosts: {web1: {ansible_host: 127.0.0.1, ansible_port: PORT}}}\nlb: {hosts: {lb1: {}}}\n",
        "inventory/production.yml": "web: {hosts: {'edge[1:2]': {}}}\nlb: {hosts: {lb9: {}}}\n",
        "site.yml": "- hosts: web\n", "sitemap.txt": "", "release/bin/serve": "#!/bin/sh\n",
        "$(touch ran)": "",
        "asks": "#!/bin/sh\ntouch ran\necho '{\"web\": [\"w1\"]}'\n",
        "sealed/host.yml": "sealed: {hosts: {s1: {}}}\n",
        "sealed/group_vars/sealed.yml": "$ANSIBLE_VAULT;1.1;AES256\n3333\n",
    ]

    /// What bash offers after each of `lines`, by one run of it.
    private func offers(_ lines: [String], in folder: URL) async throws -> [[String]] {
        let binary = URL(fileURLWithPath: DroverProgram.binary).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let drover = DroverProgram(in: folder, environment: ["PATH": "\(binary):\(path)"])
        let answer = try await drover.runBeside(["bash", "-c", Self.bash, "bash"] + lines)
        #expect(answer.errors.isEmpty, "\(answer.errors)")
        return answer.output.components(separatedBy: "--end\n").dropLast().map { offers in
            offers.split(separator: "\n").map(String.init).sorted()
        }
    }

    private static let bash = #"""
        eval "$(drover --generate-completion-script bash)"
        for line; do
            COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
            read -ra COMP_WORDS <<<"$line"
            [[ $line == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _drover drover "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            echo --end
        done
        """#

    private func inService(_ body: @Sendable (URL, SilentListener) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let listener = try SilentListener()
            for (name, text) in Self.files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.replacing("PORT", with: "\(listener.port)").write(
                    to: file, atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("asks").path)
            try await body(folder, listener)
            #expect(!listener.wasConnectedTo())
            #expect(
                !FileManager.default.fileExists(atPath: folder.path + "/ran"),
                "a file's name was expanded, or a program run")
        }
    }

    private func expectOffers(_ lines: KeyValuePairs<String, [String]>) async throws {
        try await inService { folder, _ in
            let found = try await offers(lines.map(\.key), in: folder)
            #expect(found.count == lines.count)
            for (line, names) in zip(lines, found) { #expect(names == line.value, "\(line.key)") }
        }
    }

    @Test(.enabled("needs bash") { FileManager.default.isExecutableFile(atPath: "/usr/bin/bash") })
    func bashOffersRealNames() async throws {
        try await expectOffers(
            [
                "drover stat": ["state", "status"], "drover status ": ["production", "staging"],
                "drover status pro": ["production"],
                "drover plan s": ["sealed", "site.yml", "sitemap.txt", "staging"],
                "drover plan inventory/s": ["inventory/staging.yml"],
                "drover apply sit": ["site.yml", "sitemap.txt"],
                "drover restart staging w": ["web", "web1"],
                "drover logs production e": ["edge1", "edge2"],
                "drover run --stage production lb": ["lb", "lb9"],
                "drover run -i inventory/staging.yml w": ["web", "web1"],
                "drover ping -i inventory/": ["inventory/production.yml", "inventory/staging.yml"],
                "drover ping --stage pro": ["production"],
                "drover ssh --stage staging web": ["web", "web1"],
                "drover ping -i sealed/host.yml s": ["s1", "sealed"],
                "drover promote --to p": ["production"],
                "drover cp --stage staging web rel": ["release"],
                "drover rollout start staging rel": ["release"],
                "drover status --service dro": ["drover.yml"], "drover plan $": [],
                "drover ping -i asks w": [],
            ])
    }

    @Test func buildsAndRunsComeFromTheJournalThatIsThere() async throws {
        try await inService { folder, _ in
            #expect(try await offers(["drover build remove "], in: folder) == [[]])
            #expect(
                !FileManager.default.fileExists(atPath: folder.path + "/.drover"),
                "completing makes no journal")
            _ = try await DroverProgram(in: folder).runBeside([
                "tar", "-C", "release", "-czf", "shop.tar.gz", "bin",
            ])
            let added = try await DroverProgram(in: folder)("build", "add", "shop.tar.gz")
            let release = String(added.output.prefix(12))
            #expect(release.count == 12, "\(added.errors)")
            let offered = try await offers(
                ["drover build remove ", "drover rollout start staging "], in: folder)
            #expect(offered.first == [release, "shop.tar.gz"])
            #expect(offered.last?.contains(release) == true)
        }
    }
}
