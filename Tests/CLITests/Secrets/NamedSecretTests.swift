import Foundation
import TestSupport
import Testing

@testable import CLI

/// Variables in the open whose names say that they are secrets, from every place a variable can come from.
@Suite struct NamedSecretTests {
    private static let files = [
        "hosts.yml": """
        all:
          vars: {db_password: from-group, numeric_token: "20482048"}
          hosts:
            here: {ansible_connection: local, host_secret: from-host, built_password: "{{ 'built' }}-of-parts"}
        """,
        "hosts.ini": "[all]\nhere ini_password=from-ini pin_token=73917391\n",
        "vars.yml": "file_passphrase: from-vars-file\n", "more.yml": "included_cookie: from-include\n",
        "extra.yml": "extra_credential: from-extra-file\n",
        "roles/r/defaults/main.yml": "role_api_key: from-defaults\nusers: [{name: anna, password: from-nested}]\n",
        "roles/r/vars/main.yml": "rolePrivateKey: |\n  line one of key\n  line two of key\n",
        "roles/r/tasks/main.yml": """
        - {name: writes, template: {src: all.j2, dest: "{{ out }}/all"}}
        - {name: shows, debug: {msg: "{{ users }} {{ role_api_key | b64encode }}"}}
        - {name: fails, shell: "echo {{ db_password }}; echo {{ host_secret }} >&2; exit 3", ignore_errors: true}
        - {name: loops, fail: {msg: "{{ item }}"}, loop: "{{ users }}", ignore_errors: true}
        """,
        "roles/r/templates/all.j2": """
        {{ db_password }} {{ host_secret }} {{ built_password }} {{ ini_password }} {{ file_passphrase }}
        {{ included_cookie }} {{ extra_credential }} {{ role_api_key }} {{ users[0].password }} {{ kept_secret }}
        {{ word_password }} {{ json_token }} {{ play_tokens[0].token }} {{ set_password }} {{ numeric_token }} {{ pin_token }}
        {{ rolePrivateKey }} short {{ tiny_password }} {{ open_word }} list {{ many_secret[1] }}
        """,
        "play.yml": """
        - hosts: all
          gather_facts: false
          vars:
            kept_secret: "from-play-vars"
            play_tokens: [{token: from-token-list}]
            tiny_password: tiny5
            open_word: in-the-open
            many_secret: [from-list-one, from-list-two]
          vars_files: [vars.yml]
          tasks:
            - include_vars: more.yml
            - set_fact: {set_password: "{{ 'from' }}-set-fact"}
            - include_role: {name: r}
        """,
    ]

    private static let secrets = [
        "from-group", "from-host", "built-of-parts", "from-ini", "from-vars-file", "from-include", "from-extra-file",
        "from-defaults", "from-nested", "from-play-vars", "from-word", "from-json", "from-token-list", "from-set-fact",
        "20482048", "73917391", "line one of key", "line two of key", "from-list-one", "from-list-two",
    ]

    @Test(arguments: [
        ["apply", "--diff"], ["apply", "--diff", "--format", "json"], ["plan"], ["plan", "--format", "json"],
    ])
    func areMaskedWithTheirNames(_ command: [String]) async throws {
        try await withTemporaryFolder { folder in
            for (name, text) in Self.files {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try text.write(to: file, atomically: true, encoding: .utf8)
            }
            let sources = ["-i", "hosts.yml", "-i", "hosts.ini", "-e", "out=\(folder.path)", "-e", "@extra.yml"]
            let words = ["-e", "word_password=from-word", "-e", #"{"json_token": "from-json"}"#]
            let done = try await DroverProgram(in: folder).run(
                [command[0], "play.yml"] + command.dropFirst() + sources + words)
            #expect(done.status == 0, "\(done.output)\(done.errors)")
            for secret in Self.secrets {
                #expect(!(done.output + done.errors).contains(secret), "\(secret)\n\(done.output)")
            }
            for name in ["db_password", "host_secret", "password", "set_password", "rolePrivateKey"] {
                #expect(done.output.contains("***(\(name))"), "\(name)\n\(done.output)")
            }
            #expect(done.output.contains("short tiny5 in-the-open"), "\(done.output)")
            if command.contains("json") {
                for line in done.output.split(separator: "\n") {
                    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
                }
            }
            guard command[0] == "apply" else { return }
            let written = try String(contentsOfFile: folder.path + "/all", encoding: .utf8)
            #expect(Self.secrets.filter { $0 != "from-list-one" }.allSatisfy(written.contains), "\(written)")
        }
    }

    /// What hosts say and what an inventory holds is data.
    @Test func dataThatIsAskedForStays() async throws {
        try await withTemporaryFolder { folder in
            try "here ansible_connection=local db_password=postgres\n".write(
                toFile: folder.path + "/hosts", atomically: true, encoding: .utf8)
            let drover = DroverProgram(in: folder)
            #expect(try await drover("run", "-i", "hosts", "all", "--", "echo postgres").output.contains("postgres"))
            #expect(try await drover("inventory", "-i", "hosts", "--list").output.contains("postgres"))
        }
    }

    @Test func namesAreKeptPlain() {
        let redactor = Redactor()
        redactor.add("value-one", named: "a\u{1B}\"b")
        redactor.add("value-two", named: "x_token")
        redactor.add("12345", named: "x_token")
        redactor.add("123456", named: "x_token")
        #expect(redactor("value-one, value-two, 12345") == "***(a??b), ***(x_token), 12345")
        #expect(redactor.json(#"{"pin": 123456, "size": 1234567}"#) == #"{"pin": "***(x_token)", "size": 1234567}"#)
    }

    @Test func whatAVaultOpenedStaysWithoutAName() {
        let redactor = Redactor()
        redactor.add("the-secret", named: "x_token")
        redactor.add("the-secret")
        redactor.add("the-secret", named: "x_token")
        #expect(redactor("the-secret") == "********")
    }
}
