import Foundation
import TestSupport
import Testing
import Values

/// Secrets of an encrypted inventory are used in every way a playbook can use them, and then looked for in every place that
/// Drover writes to. One after the other: the list of processes shows what another one's hosts run as well.
@Suite(.serialized) struct SentinelTests {
    private static let recorded = DroverProgram.repository.appendingPathComponent("Tests/InventoriesTests/Cases/vault")

    /// What was encrypted.
    private static let secrets = [
        "s3cret-of-all", "key for web", "deep secret", "token of web2", "first secret", "second secret", "54321987",
        "toor-toor",
    ]

    private static let passwords = ["default", "prod", "dev"].flatMap {
        ["--vault-id", "\($0)@\(recorded.path)/passwords/\($0)"]
    }

    private static let playbook = """
        - hosts: web
          gather_facts: false
          tasks:
            - copy: {content: "url={{ db_url }}\\nkey={{ api_key }}\\n{{ nested[0].password }}\\n", dest: "DIR/{{ inventory_hostname }}"}
            - copy: {content: "{{ greeting }}", dest: "DIR/greeting-{{ inventory_hostname }}"}
            - shell: echo "$WORD" >&2; cat; echo "$WORD"; exit 3
              args: {stdin: "{{ vault_list[1].inner }}"}
              environment: {WORD: "{{ vault_db_password }}"}
              register: answer
              ignore_errors: true
            - debug: {var: answer}
            - debug: {msg: "{{ vault_list | to_nice_json }} {{ api_key | b64encode }} {{ nested }} {{ vault_port }}"}
            - fail: {msg: "cannot use {{ vault_list[0] }} or {{ [vault_db_password] | to_json | to_json }}"}
              ignore_errors: true
            - file: {path: "/no/such/folder/{{ vault_db_password }}", state: touch}
              ignore_errors: true
            - assert: {that: "vault_db_password == 'x'", fail_msg: "{{ token | default('none') }}"}
              ignore_errors: true
            - shell: "DIR/scan; true"
              environment: {WORD: "{{ vault_db_password }}"}
            - shell: "exit 1 # {{ vault_db_password }}"
        """

    private func prepare(_ folder: URL) throws {
        let dir = folder.path
        try Self.playbook.replacing("DIR", with: dir).write(
            toFile: dir + "/play.yml", atomically: true, encoding: .utf8)
        try Self.secrets.joined(separator: "\n").write(toFile: dir + "/sentinels", atomically: true, encoding: .utf8)
        let scan =
            "#!/bin/sh\ngrep -laF -f \(dir)/sentinels /proc/[0-9]*/cmdline >>\(dir)/found 2>/dev/null\ntouch \(dir)/scanned\n"
        try scan.write(toFile: dir + "/scan", atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: dir + "/scan")
    }

    @Test(arguments: [["apply", "--diff"], ["apply", "--diff", "--format", "json"], ["plan"]])
    func secretsAreNowhere(_ command: [String]) async throws {
        try await withTemporaryFolder { folder in
            try prepare(folder)
            let state = folder.appendingPathComponent("state").path
            let drover = DroverProgram(in: folder, environment: ["DROVER_STATE": state])
            let inventory = ["-i", Self.recorded.path + "/inventory/hosts.yml", "-e", "ansible_connection=local"]
            let transcript = try await drover.run(
                [command[0], "play.yml"] + command.dropFirst() + inventory + Self.passwords)
            #expect(transcript.status == (command[0] == "plan" ? 0 : 1), "\(transcript.errors)")
            for secret in Self.secrets {
                #expect(!transcript.output.contains(secret), "\(secret)")
                #expect(!transcript.errors.contains(secret), "\(secret)")
                for file in try files(below: state) { #expect(!file.contains(secret), "\(secret)") }
            }
            #expect(transcript.output.contains("********"))
            guard command[0] == "apply" else { return }
            let written = try String(contentsOfFile: folder.path + "/web2", encoding: .utf8)
            #expect(written == "url=mysql://app:s3cret-of-all@db1/app\nkey=key for web\n\ndeep secret\n")
            let greeting = try String(contentsOfFile: folder.path + "/greeting-web1", encoding: .utf8)
            #expect(greeting == "hello {{ inventory_hostname }}")
            #expect(FileManager.default.fileExists(atPath: folder.path + "/scanned"))
            #expect(try String(contentsOfFile: folder.path + "/found", encoding: .utf8) == "")
            if command.contains("json") {
                for line in transcript.output.split(separator: "\n") {
                    #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
                }
            }
        }
    }

    /// Values of no vault, which nothing but `no_log` can hide.
    private static let unlogged = """
        - hosts: all
          gather_facts: false
          vars: {word: open-sentinel, hides: true}
          tasks:
            - copy: {content: "{{ word }}", dest: "DIR/unlogged"}
              no_log: true
            - shell: echo {{ word }}; echo {{ word }} >&2; exit 3
              no_log: "{{ hides }}"
              ignore_errors: true
              register: answer
            - block:
                - debug: {msg: "{{ word }}"}
                - debug: {msg: "{{ item }}"}
                  loop: ["{{ word }} 1", "{{ word }} 2"]
                - fail: {msg: "{{ word }}"}
                  ignore_errors: true
              no_log: true
            - fail: {msg: "{{ word }}"}
              no_log: "{{ no_such_variable }}"
              ignore_errors: true
            - fail: {msg: "{{ answer.stdout }}"}
              no_log: true
        """

    @Test(arguments: [["apply", "--diff"], ["apply", "--diff", "--format", "json"], ["plan"]])
    func noLogHidesWhatATaskSays(_ command: [String]) async throws {
        try await withTemporaryFolder { folder in
            let play = Self.unlogged.replacing("DIR", with: folder.path)
            try play.write(toFile: folder.path + "/play.yml", atomically: true, encoding: .utf8)
            try "here ansible_connection=local\n".write(
                toFile: folder.path + "/hosts", atomically: true, encoding: .utf8)
            let transcript = try await DroverProgram(in: folder).run(
                [command[0], "play.yml"] + command.dropFirst() + ["-i", "hosts"])
            #expect(!(transcript.output + transcript.errors).contains("open-sentinel"), "\(transcript.output)")
            #expect(transcript.output.contains("hidden by no_log"))
        }
    }

    private func files(below folder: String) throws -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.compactMap { FileManager.default.contents(atPath: folder + "/" + $0) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func listingShowsCiphertextAndMasks() async throws {
        try await withTemporaryFolder { folder in
            let drover = DroverProgram(in: folder)
            let inventory = ["-i", Self.recorded.path + "/inventory/hosts.yml"]
            let list = try await drover.run(["inventory", "--list"] + inventory + Self.passwords)
            #expect(list.status == 0)
            #expect(list.output.contains("__ansible_vault"))
            #expect(list.output.contains(#""root_password": "********""#))
            let host = try await drover.run(["inventory", "--host", "db1"] + inventory + Self.passwords)
            #expect(host.output.contains(#""vault_db_password": "********""#))
            for secret in Self.secrets {
                #expect(!(list.output + host.output).contains(secret), "\(secret)")
            }
        }
    }

    @Test(arguments: [
        ([], "needs a vault password", "--vault-password-file FILE"),
        (["--vault-id", "default@wrong"], "no given password opens it", "check the password"),
        (["--vault-password-file", "nowhere"], "there is no such password file", "FILE"),
        (["--ask-vault-pass"], "'Vault password' can't be asked for", "--vault-password-file FILE"),
        (["--vault-id", "prod@prompt"], "'Vault password (prod)' can't be asked for", "--vault-password-file FILE"),
    ])
    func passwordsThatAreWrongOrMissingAreInputErrors(
        _ options: [String], _ message: String, _ hint: String
    ) async throws {
        try await withTemporaryFolder { folder in
            try "wrong".write(toFile: folder.path + "/wrong", atomically: true, encoding: .utf8)
            let transcript = try await DroverProgram(in: folder).run(
                ["inventory", "--list", "-i", Self.recorded.path + "/inventory/hosts.yml"] + options)
            #expect(transcript.status == 64)
            #expect(transcript.errors.contains(message), "\(transcript.errors)")
            #expect(transcript.errors.contains(hint), "\(transcript.errors)")
            #expect(transcript.output.isEmpty)
        }
    }

    @Test(arguments: ["ansible_password", "ansible_become_password", "ansible_ssh_private_key_passphrase"])
    func passwordsThatStandInTheOpenAreMaskedToo(_ name: String) async throws {
        try await withTemporaryFolder { folder in
            let hosts = "here ansible_connection=local \(name)=in-the-open\n"
            try hosts.write(toFile: folder.path + "/hosts", atomically: true, encoding: .utf8)
            let drover = DroverProgram(in: folder)
            let said = try await drover.run([
                "run", "-i", "hosts", "all", "--", "echo in-the-open; echo in-the-open >&2",
            ])
            #expect(said.status == 0 && said.output.contains("********"))
            #expect(!(said.output + said.errors).contains("in-the-open"))
        }
    }

    @Test func theEnvironmentNamesAPasswordFile() async throws {
        try await withTemporaryFolder { folder in
            let password = Self.recorded.path + "/passwords/default"
            let drover = DroverProgram(in: folder, environment: ["ANSIBLE_VAULT_PASSWORD_FILE": password])
            let transcript = try await drover.run([
                "inventory", "--hosts", "all", "-i", Self.recorded.path + "/whole.yml",
            ])
            #expect(transcript.output == "one\n")
        }
    }
}

/// Passwords that are typed at a terminal.
@Suite struct PromptTests {
    private func type(_ answers: String..., for arguments: [String]) async throws -> Transcript {
        try await DroverProgram(in: DroverProgram.repository).run(arguments, typing: answers)
    }

    private static let whole = DroverProgram.repository.path + "/Tests/InventoriesTests/Cases/vault/whole.yml"

    @Test func theVaultPasswordIsAskedForAndNotShown() async throws {
        let answer = try await type("correct horse", for: ["inventory", "--hosts", "all", "-i", Self.whole, "-J"])
        #expect(answer.status == 0)
        #expect(answer.output.contains("Vault password: ") && answer.output.contains("one"))
        #expect(!answer.output.contains("horse"))
    }

    @Test func aWrongPasswordIsTold() async throws {
        let words = ["inventory", "--hosts", "all", "-i", Self.whole, "--vault-id", "mine@prompt"]
        let answer = try await type("battery staple", for: words)
        #expect(answer.status == 64)
        #expect(answer.output.contains("Vault password (mine): "))
        #expect(answer.output.contains("tried 'mine' (typed)"))
        #expect(!answer.output.contains("staple"))
    }

    @Test func oneAnswerMayDoForBoth() async throws {
        try await withTemporaryFolder { folder in
            let hosts = folder.path + "/hosts"
            try "here ansible_connection=local\n".write(toFile: hosts, atomically: true, encoding: .utf8)
            let words = ["run", "-i", hosts, "-k", "-K", "all", "--", "echo said the-password"]
            let answer = try await type("the-password", "", for: words)
            #expect(answer.status == 0, "\(answer.output)")
            #expect(answer.output.contains("SSH password: "))
            #expect(answer.output.contains("BECOME password[defaults to SSH password]: "))
            #expect(answer.output.contains("said ********") && !answer.output.contains("the-password"))
        }
    }
}
