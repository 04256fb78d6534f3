import Foundation
import TestSupport
import Testing

/// Encrypted values that a playbook uses, and those that it doesn't.
@Suite struct SealedValueTests {
    private static let recorded = DroverProgram.repository.path + "/Tests/InventoriesTests/Cases/vault"

    private static let hosts = """
        all:
          hosts: {here: {ansible_connection: local}}
          vars:
            used: "{{ [sealed] }}"
            sealed: !vault |
        """

    /// The playbook's template; whether a password is needed.
    static let templates = [
        ("{{ sealed }}", true), ("{{ used | length }}", true), ("{{ 1 + 1 }}", false), ("{{ own }}", true),
        ("{{ unused_own | default('') if false else '' }}", true),
    ]

    private func run(_ template: String, _ options: [String]) async throws -> (Transcript, isTouched: Bool) {
        try await withTemporaryFolder { folder in
            let text = try String(contentsOfFile: Self.recorded + "/whole.ini", encoding: .utf8)
            let block = text.split(separator: "\n").map { "      \($0)\n" }.joined()
            try (Self.hosts + "\n" + block).write(toFile: folder.path + "/hosts.yml", atomically: true, encoding: .utf8)
            try "wrong".write(toFile: folder.path + "/wrong", atomically: true, encoding: .utf8)
            let play = """
                - hosts: all
                  gather_facts: false
                  vars:
                    never_named: !vault |
                \(block)    own: !vault |
                \(block)    unused_own: !vault |
                \(block)  tasks:
                    - copy: {content: touched, dest: \(folder.path)/touched}
                    - debug: {msg: "\(template)"}

                """
            try play.write(toFile: folder.path + "/play.yml", atomically: true, encoding: .utf8)
            let transcript = try await DroverProgram(in: folder).run(
                ["apply", "play.yml", "-i", "hosts.yml"] + options)
            return (transcript, FileManager.default.fileExists(atPath: folder.path + "/touched"))
        }
    }

    @Test(arguments: templates)
    func aMissingPasswordIsToldBeforeAnythingIsTouched(_ template: String, _ isNeeded: Bool) async throws {
        let (transcript, isTouched) = try await run(template, [])
        #expect(transcript.status == (isNeeded ? 64 : 0), "\(transcript.errors)")
        #expect(isTouched == !isNeeded)
        #expect(transcript.errors.contains("needs a vault password") == isNeeded)
        #expect(!isNeeded || transcript.errors.contains(".yml:"))
    }

    @Test func aWrongPasswordIsToldBeforeAnythingIsTouched() async throws {
        let (transcript, isTouched) = try await run("{{ sealed }}", ["--vault-password-file", "wrong"])
        #expect(transcript.status == 64 && !isTouched)
        #expect(transcript.errors.contains("hosts.yml:5:"), "\(transcript.errors)")
    }

    @Test func theRightPasswordOpensThem() async throws {
        let right = ["--vault-id", "any@\(Self.recorded)/passwords/default"]
        let (transcript, isTouched) = try await run("{{ used | length }} {{ own }}", right)
        #expect(transcript.status == 0 && isTouched, "\(transcript.errors)")
        #expect(transcript.output.contains("1 ********"), "\(transcript.output)")
    }

    /// A playbook, its tasks, its variables, and what it sends, all encrypted; Ansible made the same three files of it.
    @Test(arguments: [[], ["--diff"], ["--format", "json", "--diff"]])
    func everyFileOfAPlaybookMayBeEncrypted(_ options: [String]) async throws {
        try await withTemporaryFolder { folder in
            let hosts = folder.path + "/hosts"
            try "here ansible_connection=local\n".write(toFile: hosts, atomically: true, encoding: .utf8)
            let drover = DroverProgram(in: folder)
            let play = ["apply", Self.recorded + "/files/play.yml", "-i", hosts, "-e", "folder=\(folder.path)"]
            let locked = try await drover.run(play)
            #expect(locked.status == 64 && locked.errors.contains("play.yml: this is encrypted"), "\(locked.errors)")
            let transcript = try await drover.run(
                play + options + ["--vault-id", "prod@\(Self.recorded)/passwords/prod"])
            #expect(transcript.status == 0, "\(transcript.output)\(transcript.errors)")
            for (name, text) in [
                ("tasks", #"word of the vars file, word of the included file\n"#), ("plain", "word of the text file\n"),
                ("form", "word of the vars file in word of the template\n"),
            ] {
                #expect(try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8) == text)
            }
            #expect(!(transcript.output + transcript.errors).contains("word of"), "\(transcript.output)")
        }
    }

    @Test func programsMayAnswerWithEncryptedValues() async throws {
        try await withTemporaryFolder { folder in
            let text = try String(contentsOfFile: Self.recorded + "/whole.ini", encoding: .utf8)
            let value = text.replacing("\n", with: "\\n")
            let answer =
                #"{"_meta": {"hostvars": {"one": {"word": {"__ansible_vault": "\#(value)"}}}}, "all": ["one"]}"#
            let file = folder.path + "/hosts"
            try "#!/bin/sh\ncat <<'E'\n\(answer)\nE\n".write(toFile: file, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
            let drover = DroverProgram(in: folder)
            let shown = try await drover.run(["inventory", "--host", "one", "-i", "hosts"])
            #expect(shown.status == 0 && shown.output.contains("$ANSIBLE_VAULT;1.1;AES256"))
        }
    }
}
