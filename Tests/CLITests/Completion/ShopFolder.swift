import Foundation
import TestSupport
import Testing

/// A service's folder whose names are completed: nothing of it may be connected to, run, or made.
struct ShopFolder: Sendable {
    let url: URL

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
        "inventory/odd.yml":
            #"odd: {hosts: {o+1: {}, "o@home": {}, o_3.example.org: {}, 10.0.0.7: {}, "fe80::1": {}, "o%2": {}}}"#,
        "site.yml": "- hosts: web\n", "sitemap.txt": "", "release/bin/serve": "#!/bin/sh\n",
        "$(touch ran)": "", "odd name.yml": "", "odd:name.yml": "", "below/deep/db.yml": "",
        "asks": "#!/bin/sh\ntouch ran\necho '{\"web\": [\"w1\"]}'\n",
        "sealed/host.yml": "sealed: {hosts: {s1: {}}}\n",
        "sealed/group_vars/sealed.yml": "$ANSIBLE_VAULT;1.1;AES256\n3333\n",
    ]

    static func with(_ body: (ShopFolder) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let listener = try SilentListener()
            for (name, text) in files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.replacing("PORT", with: "\(listener.port)").write(
                    to: file, atomically: true, encoding: .utf8)
            }
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: folder.appendingPathComponent("asks").path)
            try await body(ShopFolder(url: folder))
            #expect(!listener.wasConnectedTo())
            for below in ["", "/below"] {
                #expect(
                    !FileManager.default.fileExists(atPath: folder.path + below + "/ran"),
                    "a name was expanded, or a program run")
            }
        }
    }

    /// What `shell` offers after each of `lines` typed in the folder `below`, by one run of it.
    func offers(_ lines: [String], by shell: CompletingShell, below: String = "") async throws -> [[String]] {
        try await asked(shell.offering + lines, by: shell, below: below).map { offers in
            offers.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }.sorted()
        }
    }

    /// What stands on the command line after the completion key.
    func typed(_ lines: [String], by shell: CompletingShell) async throws -> [String] {
        try await asked(shell.typing + lines, by: shell, below: "").map { $0.replacing(#/\n$/#, with: "") }
    }

    private func asked(_ words: [String], by shell: CompletingShell, below: String) async throws -> [String] {
        let binary = URL(fileURLWithPath: DroverProgram.binary).deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return try await withTemporaryFolder { home in
            for (name, text) in shell.files {
                try text.write(to: home.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            let drover = DroverProgram(
                in: url.appendingPathComponent(below),
                environment: ["PATH": "\(binary):\(path)", "HOME": home.path, "ZDOTDIR": home.path, "TERM": "xterm"])
            let answer = try await drover.runBeside(words)
            #expect(answer.errors.isEmpty, "\(answer.errors)")
            return answer.output.components(separatedBy: "--end\n").dropLast()
        }
    }
}
