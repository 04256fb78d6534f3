import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// Users whose login shell isn't POSIX: everything that is done on hosts is done by `/bin/sh` nevertheless.
    @Suite struct OtherShellTests {
        static let shells = ["/usr/bin/tcsh", "/usr/bin/fish"].filter(FileManager.default.isExecutableFile)

        /// Runs `body` with a host where a user with `shell` logs in, who may use sudo with a password.
        private func withUser(
            of shell: String,
            _ body: (_ drover: DroverProgram, _ inventory: String, _ folder: URL, _ user: String) async throws -> Void
        ) async throws {
            try await ThrowawayUser.with(groups: ["sudo"], shell: shell) { user in
                try await ThrowawaySSHD.with { server in
                    let folder = server.folder.appendingPathComponent("mine")
                    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
                    _ = try await DroverProgram.run(["chown", user.name, folder.path])
                    let password = user.password.replacing("\"", with: "\\\"")
                    let inventory = try server.inventory(
                        hosts: 1, "ansible_user=\(user.name)\nansible_become_password=\"\(password)\"")
                    try await body(DroverProgram(in: server.folder), inventory, folder, user.name)
                }
            }
        }

        @Test(arguments: shells)
        func commandsAndScriptsRun(_ shell: String) async throws {
            try await withUser(of: shell) { drover, inventory, folder, user in
                let command = "id -un; a='it'\\''s !! $HOME'; for w in 1 2; do echo \"$a\" $w; done; exit 3"
                let done = try await drover("run", "-i", inventory, "--stream", "all", "--", command)
                #expect(done.status == 1)
                #expect(done.output == "h1 | \(user)\nh1 | it's !! $HOME 1\nh1 | it's !! $HOME 2\n", "\(done.errors)")
                let root = try await drover("run", "-i", inventory, "-b", "--stream", "all", "--", "id -un")
                #expect(root.output == "h1 | root\n", "\(root.errors)")
                let script = folder.appendingPathComponent("script")
                try "#!/bin/sh\necho \"$1\"\n".write(to: script, atomically: true, encoding: .utf8)
                let ran = try await drover.run(
                    ["run", "-i", inventory, "--stream", "--script", script.path, "all", "--", "a 'b' !c"])
                #expect(ran.output == "h1 | a 'b' !c\n", "\(ran.errors)")
            }
        }

        @Test(arguments: shells)
        func filesAreCopied(_ shell: String) async throws {
            try await withUser(of: shell) { drover, inventory, folder, user in
                let made = try await DroverProgram.run(
                    ["sh", "-c", "cd \"$1\"; mkdir -p tree/in; echo a >'tree/in/it'\\''s !'; seq 200000 >tree/large"]
                        + ["sh", drover.folder])
                #expect(made.status == 0)
                for flags in [[], ["-b"]] {
                    let place = folder.path + "/copy\(flags.count)"
                    let done = try await drover.run(["cp", "-i", inventory] + flags + ["all", "tree", place])
                    #expect(done.status == 0, "\(done.errors)")
                    let compared = try await DroverProgram.run(["diff", "-r", drover.folder + "/tree", place])
                    #expect(compared.status == 0, "\(compared.output)\(compared.errors)")
                    let owner = try await DroverProgram.run(["stat", "-c", "%U", place + "/large"])
                    #expect(owner.output == (flags.isEmpty ? "\(user)\n" : "root\n"))
                }
            }
        }

        @Test(arguments: shells)
        func playbooksAreApplied(_ shell: String) async throws {
            try await withUser(of: shell) { drover, inventory, folder, user in
                let playbook = """
                    - hosts: all
                      tasks:
                        - copy: {content: "it's {{ ansible_user }}\\n", dest: \(folder.path)/mine}
                        - copy: {content: "root's\\n", dest: \(folder.path)/roots, mode: "0600"}
                          become: true
                        - shell: id -un; echo 'it'\\''s' "$0"
                          register: said
                        - command: id -un
                          become: true
                          register: became
                        - assert: {that: ["said.stdout_lines == ['\(user)', \\"it's /bin/sh\\"]", "became.stdout == 'root'"]}
                    """
                let file = drover.folder + "/site.yml"
                try playbook.write(toFile: file, atomically: true, encoding: .utf8)
                let done = try await drover("apply", "-i", inventory, file)
                #expect(done.status == 0, "\(done.output)\(done.errors)")
                let files = try await DroverProgram.run(
                    ["sh", "-c", "cd '\(folder.path)'; stat -c '%n %U' mine roots; cat mine roots"])
                #expect(files.output == "mine \(user)\nroots root\nit's \(user)\nroot's\n")
            }
        }

        /// The shell of who is become matters as little as that of who logs in.
        @Test(arguments: shells, ["sudo", "su"])
        func sudoAndSuBecomeSuchAUser(_ shell: String, _ method: String) async throws {
            try await ThrowawayUser.with(shell: shell) { user in
                try await ThrowawaySSHD.with { server in
                    let done = try await DroverProgram(in: server.folder).run(
                        ["run", "-i", server.inventory(hosts: 1), "-b", "--become-user", user.name]
                            + ["--become-method", method, "--stream", "all", "--", "a=$(id -un); echo \"$a\""])
                    #expect(done.output == "h1 | \(user.name)\n", "\(done.errors)")
                }
            }
        }
    }
}
