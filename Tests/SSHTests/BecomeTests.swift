import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
    fileprivate static var sudo: Self {
        .enabled("needs sudo") { FileManager.default.isExecutableFile(atPath: "/usr/bin/sudo") }
    }
}

extension SSHDTests {
    @Suite(.overBothTransports, .sudo, .timeLimit(.minutes(3)))
    struct BecomeTests {
        @Test func commandsRunWithTheirPrivilege() async throws {
            try await Shared.run { transport in
                let other = Privilege.become(user: "nobody")
                try await transport.expect(RemoteCommand(shell: "id -un", privilege: other), says: "nobody\n")
                try await transport.expect("id -un", says: "root\n")
                try await transport.expect(RemoteCommand(shell: "id -un", privilege: .root), says: "root\n")
                let echoed = try await transport.run(
                    RemoteCommand(shell: "cat; exit 9", privilege: other, input: [0, 10, 255]))
                #expect(echoed.output == [0, 10, 255] && echoed.status == 9)
            }
        }

        @Test func anotherUsersCommandIsEndedAtItsDeadline() async throws {
            try await Shared.run { transport in
                let mark = "75319.\(UInt32.random(in: 1000...999_999))"
                let command = RemoteCommand(
                    shell: "sleep \(mark)", privilege: .become(user: "nobody"), deadline: .milliseconds(400))
                let error = await transportError { _ = try await transport.run(command) }
                #expect(error?.code == .timedOut)
                try await transport.expect("pgrep -f '[s]leep \(mark)'", says: "")
            }
        }

        @Test func aUserThatIsNotThereIsTold() async throws {
            try await Shared.run { transport in
                let command = RemoteCommand(shell: "id", privilege: .become(user: "no-such-user"))
                let error = await transportError { _ = try await transport.run(command) }
                #expect(error?.code == .becomeFailed)
                #expect(error?.message.contains("no-such-user") == true)
                #expect(error?.meansUnreachable == false)
            }
        }

        /// The login's commands run as `nobody`, who may not use sudo.
        private static let powerless =
            #"ForceCommand exec setpriv --reuid=65534 --regid=65534 --clear-groups /bin/sh -c "$SSH_ORIGINAL_COMMAND""#

        @Test(arguments: [nil, Secret("wrong")])
        func sudoThatRefusesIsTold(_ password: Secret<String>?) async throws {
            try await ThrowawaySSHD.with([Self.powerless]) { server in
                var endpoint = try server.endpoint()
                endpoint.becomePassword = password
                try await withTransport(to: endpoint) { transport in
                    let command = RemoteCommand(shell: "id", privilege: .become(user: "games"), deadline: .seconds(60))
                    let error = await transportError { _ = try await transport.run(command) }
                    #expect(error?.code == .becomeFailed)
                    #expect(error?.hints.isEmpty == false)
                    try await transport.expect("id -un", says: "nobody\n")
                }
            }
        }

        @Test func aPasswordThatNobodyAskedForIsNotACommand() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.becomePassword = Secret("echo not a command")
                try await withTransport(to: endpoint) { transport in
                    let command = RemoteCommand(shell: "id -un", privilege: .become(user: "nobody"))
                    try await transport.expect(command, says: "nobody\n")
                }
            }
        }

        // MARK: With a password

        @Test func sudoGetsThePasswordItAsksFor() async throws {
            try await ThrowawayUser.with(groups: ["sudo"]) { user in
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.becomePassword = Secret(user.password)
                    try await withTransport(to: endpoint) { transport in
                        try await transport.expect("id -un", says: "\(user.name)\n")
                        try await transport.expect(RemoteCommand(shell: "id -un", privilege: .root), says: "root\n")
                        let other = Privilege.become(user: "nobody")
                        let echoed = try await transport.run(
                            RemoteCommand(shell: "id -un; cat; exit 9", privilege: other, input: [0, 10, 255]))
                        #expect(echoed.output == Array("nobody\n".utf8) + [0, 10, 255] && echoed.status == 9)
                        #expect(echoed.errors.isEmpty)
                        let arguments = try await transport.run(
                            RemoteCommand(shell: "cat /proc/[0-9]*/cmdline", privilege: .root))
                        #expect(arguments.text.contains("sudo") && !arguments.text.contains(user.password))
                        let file = server.folder.path + "/uploaded"
                        try await transport.upload(server.clientKey() + ".pub", to: file, mode: 0o600, privilege: .root)
                        try await transport.expect(
                            RemoteCommand(shell: "stat -c %U:%a \(file)", privilege: .root), says: "root:600\n")
                    }
                }
            }
        }

        /// What a user may do, the password, and what is said of it.
        static let refusals: [(groups: [String], isRight: Bool?, method: Endpoint.BecomeMethod, says: String)] = [
            (["sudo"], false, .sudo, "sudo did not accept the password"),
            (["sudo"], nil, .sudo, "sudo wants a password, and none was given"),
            ([], true, .sudo, "the host's sudoers do not let "), ([], false, .su, "su did not accept the password"),
            ([], nil, .su, "su wants a password, and none was given"),
        ]

        @Test(arguments: refusals)
        func whoMayNotIsTold(
            _ groups: [String], _ isRight: Bool?, _ method: Endpoint.BecomeMethod, _ says: String
        ) async throws {
            try await ThrowawayUser.with(groups: groups) { user in
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.becomeMethod = method
                    endpoint.becomePassword = isRight.map { Secret($0 ? user.password : "wrong") }
                    try await withTransport(to: endpoint) { transport in
                        let error = await transportError {
                            _ = try await transport.run(RemoteCommand(shell: "id", privilege: .root))
                        }
                        #expect(error?.code == .becomeFailed)
                        #expect(
                            error?.message.contains("could not become 'root': \(says)") == true,
                            "\(String(describing: error))")
                        #expect(error?.hints.count == 1)
                        try await transport.expect("id -un", says: "\(user.name)\n")
                    }
                }
            }
        }

        @Test(arguments: [nil, true])
        func sudoThatInsistsOnATerminalIsTold(_ givesPassword: Bool?) async throws {
            try await ThrowawayUser.with(groups: ["sudo"]) { user in
                let rule = "/etc/sudoers.d/\(user.name)"
                try "Defaults:\(user.name) requiretty\n".write(toFile: rule, atomically: true, encoding: .utf8)
                defer { unlink(rule) }
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.becomePassword = givesPassword.map { _ in Secret(user.password) }
                    let error = await transportError { [endpoint] in
                        try await withTransport(to: endpoint) {
                            _ = try await $0.run(RemoteCommand(shell: "id", privilege: .root))
                        }
                    }
                    #expect(error?.code == .becomeFailed)
                    #expect(
                        error?.message
                            == "could not become 'root': sudo on the host insists on a terminal, and Drover gives it none"
                    )
                    #expect(error?.hints.first?.contains("Defaults:\(user.name) !requiretty") == true)
                }
            }
        }

        @Test func suBecomesAUserWithThatUsersPassword() async throws {
            try await ThrowawayUser.with { user in
                try await ThrowawayUser.with { other in
                    try await ThrowawaySSHD.with { server in
                        var endpoint = try server.endpoint(for: user)
                        endpoint.becomeMethod = .su
                        endpoint.becomePassword = Secret(other.password)
                        try await withTransport(to: endpoint) { transport in
                            let command = RemoteCommand(
                                shell: "id -un; cat", privilege: .become(user: other.name), input: Array("in".utf8))
                            try await transport.expect(command, says: "\(other.name)\nin")
                        }
                    }
                }
            }
        }

        // MARK: Other programs

        /// Runs `body` with a server whose logins find `script` as a program called `name`.
        private func withStandIn(
            _ name: String, _ script: String, _ body: (ThrowawaySSHD) async throws -> Void
        ) async throws {
            try await withTemporaryFolder { folder in
                let program = folder.appendingPathComponent(name)
                try "#!/bin/sh\n\(script)".write(to: program, atomically: true, encoding: .utf8)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
                let line = "ForceCommand PATH=\(folder.path):$PATH; export PATH; eval \"$SSH_ORIGINAL_COMMAND\""
                try await ThrowawaySSHD.with([line], body)
            }
        }

        /// Debian 12 has no sudo-rs: this asks and refuses in the words of its source.
        private static let sudoRS = """
            for word in "$@"; do
            if [ "$word" = -n ]; then echo 'sudo: interactive authentication is required' >&2; exit 1; fi
            done
            printf '[sudo: authenticate] Password: ' >&2
            IFS= read -r password
            if [ "$password" != right ]; then
            echo >&2; echo 'sudo: Authentication failed, try again.' >&2
            printf '[sudo: authenticate] Password: ' >&2
            read -r password; exit 1
            fi
            while [ "$1" != -- ]; do shift; done
            shift
            exec "$@"
            """

        private static let answers: [(password: String?, refusal: String?)] = [
            (nil, "sudo wants a password, and none was given"), ("wrong", "sudo did not accept the password"),
            ("right", nil),
        ]

        @Test(arguments: answers)
        func sudoRSIsUnderstood(_ password: String?, _ refusal: String?) async throws {
            try await withStandIn("sudo", Self.sudoRS) { server in
                var endpoint = try server.endpoint()
                endpoint.becomePassword = password.map { Secret($0) }
                try await withTransport(to: endpoint) { transport in
                    let command = RemoteCommand(shell: "cat", privilege: .become(user: "nobody"), input: [0, 10, 255])
                    guard let refusal else {
                        let output = try await transport.run(command).output
                        #expect(output == [0, 10, 255])
                        return
                    }
                    let error = await transportError { _ = try await transport.run(command) }
                    #expect(error?.code == .becomeFailed)
                    #expect(error?.message.hasSuffix(refusal) == true, "\(error?.message ?? "")")
                }
            }
        }

        /// Debian 12's systemd has no run0: this takes the arguments that the real one does.
        @Test func run0BecomesAUser() async throws {
            let script = """
                [ "$1" = --no-ask-password ] || exit 2
                user=${2#--user=}
                [ "$3" = -- ] || exit 2
                shift 3
                exec setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --clear-groups "$@"
                """
            try await withStandIn("run0", script) { server in
                var endpoint = try server.endpoint()
                endpoint.becomeMethod = .run0
                try await withTransport(to: endpoint) { transport in
                    let command = RemoteCommand(
                        shell: "id -un; cat", privilege: .become(user: "nobody"), input: Array("in".utf8))
                    try await transport.expect(command, says: "nobody\nin")
                }
            }
        }

        private static let rules: [(rule: String, refusal: String?)] = [
            ("permit nopass", nil), ("permit", "doas wants a password, which it takes at a terminal only"),
            ("deny", "the host's doas.conf do not let "),
        ]

        @Test(
            .enabled("needs doas") { FileManager.default.isExecutableFile(atPath: "/usr/bin/doas") }, arguments: rules)
        func doasBecomesAUserThatItsRulesAllow(_ rule: String, _ refusal: String?) async throws {
            try await ThrowawayUser.with { user in
                let file = URL(fileURLWithPath: "/etc/doas.conf")
                let before = FileManager.default.contents(atPath: file.path)
                try Data("\(rule) \(user.name)\n".utf8).write(to: file)
                defer {
                    // What can't be put back is seen by the next test.
                    if let before { try? before.write(to: file) } else { unlink(file.path) }
                }
                try await ThrowawaySSHD.with { server in
                    var endpoint = try server.endpoint(for: user)
                    endpoint.becomeMethod = .doas
                    try await withTransport(to: endpoint) { transport in
                        let command = RemoteCommand(shell: "id -un; cat", privilege: .root, input: Array("in".utf8))
                        guard let refusal else { return try await transport.expect(command, says: "root\nin") }
                        let error = await transportError { _ = try await transport.run(command) }
                        #expect(error?.code == .becomeFailed)
                        #expect(error?.message.contains(refusal) == true, "\(error?.message ?? "")")
                    }
                }
            }
        }

        @Test func aLockedAccountIsNamedWhereItsKeyIsRefused() async throws {
            try await ThrowawayUser.with { user in
                _ = try await DroverProgram.run(["usermod", "--lock", user.name])
                try await ThrowawaySSHD.with(["LogLevel VERBOSE"]) { server in
                    let error = await transportError {
                        try await withTransport(to: server.endpoint(for: user)) { _ in }
                    }
                    #expect(error?.code == .authenticationFailed)
                    #expect(error?.hints.contains { $0.contains("a locked account") } == true)
                    let log = try await server.log(with: "account is locked")
                    #expect(log.contains(user.name))
                }
            }
        }

        @Test func rootNeedsNoPasswordForSu() async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.becomeMethod = .su
                try await withTransport(to: endpoint) { transport in
                    let command = RemoteCommand(shell: "id -un", privilege: .become(user: "nobody"))
                    try await transport.expect(command, says: "nobody\n")
                }
            }
        }

        @Test func aLoginShellThatIsNoneIsTold() async throws {
            try await ThrowawaySSHD.with(["ForceCommand /usr/sbin/nologin"]) { server in
                try await withTransport(to: server.endpoint()) { transport in
                    let error = await transportError { _ = try await transport.run(RemoteCommand(shell: "id")) }
                    #expect(error?.code == .unsupported)
                    #expect(error?.message.contains("This account is currently not available") == true)
                }
            }
        }

        @Test func aBannerIsNotOutput() async throws {
            try await ThrowawaySSHD.with([#"ForceCommand echo hello; echo there >&2; eval "$SSH_ORIGINAL_COMMAND""#]) {
                server in
                try await withTransport(to: server.endpoint()) { transport in
                    let result = try await transport.run(RemoteCommand(shell: "echo mine"))
                    #expect(result.text == "mine\n" && result.errorText.isEmpty)
                }
            }
        }
    }
}
