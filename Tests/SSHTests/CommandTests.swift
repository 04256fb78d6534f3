import Crypto
import Fleet
import Foundation
import SSH
import TestSupport
import Testing

extension SSHDTests {
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct CommandTests {
        struct Case: Sendable, CustomTestStringConvertible {
            var name: String
            var script: String
            var input = ""
            var status: Int32 = 0
            var output = ""
            var errors = ""
            var testDescription: String { name }
        }

        static let cases = [
            Case(name: "output", script: "echo hello", output: "hello\n"),
            Case(name: "errors apart", script: "echo out; echo err >&2", output: "out\n", errors: "err\n"),
            Case(name: "no output", script: "true"),
            Case(name: "empty script", script: ""),
            Case(name: "status", script: "exit 7", status: 7),
            Case(
                name: "not found", script: "/no/such/program", status: 127,
                errors: "/bin/sh: 1: eval: /no/such/program: not found\n"),
            Case(
                name: "not executable", script: "/etc/passwd", status: 126,
                errors: "/bin/sh: 1: eval: /etc/passwd: Permission denied\n"),
            Case(name: "signal", script: "sh -c 'kill -9 $$'", status: 137, errors: "Killed\n"),
            Case(name: "input", script: "cat", input: "abc", output: "abc"),
            Case(
                name: "input not read", script: "echo ignoring", input: String(repeating: "x", count: 300_000),
                output: "ignoring\n"),
            Case(name: "no input", script: "cat; echo end", output: "end\n"),
            Case(name: "several lines", script: "a=1\nb='2\n3'\nprintf '%s' \"$a$b\"", output: "12\n3"),
            Case(name: "lines that are empty", script: "\n\nprintf '%s' 'a\n\n* \\ ä\n'\n\n", output: "a\n\n* \\ ä\n"),
            Case(name: "the sign for a line's end", script: "printf '%s' '\u{1E}\n\u{1E}'", output: "\u{1E}\n\u{1E}"),
            Case(
                name: "lines up to what is sent as one",
                script: ":\n" + String(repeating: "#\n", count: 508) + "echo a",
                output: "a\n"),
            Case(
                name: "lines beyond that", script: ":\n" + String(repeating: "#\n", count: 600) + "echo a",
                output: "a\n"),
            Case(name: "here document", script: "cat <<E\nx $((1 + 1))\nE", output: "x 2\n"),
            Case(
                name: "syntax error", script: "if", status: 2,
                errors: "/bin/sh: 1: eval: Syntax error: end of file unexpected (expecting \"then\")\n"),
            Case(name: "no variables of ours", script: "set | grep -c ^[TRFlqknmaspoerS]=", status: 1, output: "0\n"),
            Case(name: "no descriptors of ours", script: "ls /proc/self/fd | tr '\\n' ' '", output: "0 1 2 3 "),
            Case(name: "left in the background", script: "sleep 300 & echo now", output: "now\n"),
            Case(
                name: "long script", script: "printf %s '" + String(repeating: "z", count: 200_000) + "' | wc -c",
                output: "200000\n"),
        ]

        @Test(arguments: cases)
        func answersAre(_ example: Case) async throws {
            try await Shared.run { transport in
                let command = RemoteCommand(
                    shell: example.script, input: Array(example.input.utf8), deadline: .seconds(60))
                let result = try await transport.run(command)
                #expect(result.status == example.status)
                #expect(result.text == example.output)
                #expect(result.errorText == example.errors)
                try await transport.expect("echo still here", says: "still here\n")
            }
        }

        /// Only libssh2 says which signal it was.
        @Test(arguments: cases.filter { $0.input.isEmpty && !$0.name.contains("background") })
        func answersAreTheSameWhereNothingOutlivesTheCommand(_ example: Case) async throws {
            try await Shared.run { transport in
                var command = RemoteCommand(shell: example.script, deadline: .seconds(60))
                command.leavesNothing = true
                let result = try await transport.run(command)
                #expect(result.status == example.status)
                #expect(result.text == example.output)
                #expect(result.errorText == example.errors)
                // Whether the shell is where it should be for the next one of either kind.
                #expect(try await transport.run(RemoteCommand(shell: "echo next")).text == "next\n")
            }
        }

        @Test func aShellThatEndsItselfIsTold() async throws {
            try await Shared.run { transport in
                let script = RemoteCommand(shell: "echo before; kill -9 $$")
                if OverBothTransports.client == .openssh {
                    let error = await transportError { _ = try await transport.run(script) }
                    #expect(error?.message == "the host's shell ended during a command")
                } else {
                    let result = try await transport.run(script)
                    #expect(result.status == 137 && result.text == "before\n")
                }
                try await transport.expect("echo still here", says: "still here\n")
            }
        }

        /// What may be seen travels with the request for the shell.
        @Test func answersToAFirstCommandAreTheSame() async throws {
            try await ThrowawaySSHD.with { server in
                let endpoint = try server.endpoint()
                for example in Self.cases {
                    var command = RemoteCommand(
                        shell: example.script, input: Array(example.input.utf8), deadline: .seconds(60))
                    command.isForAllToSee = true
                    let first = command
                    try await withTransport(to: endpoint) { transport in
                        let result = try await transport.run(first)
                        #expect(result.status == example.status, "\(example.name)")
                        #expect(result.text == example.output, "\(example.name)")
                        #expect(result.errorText == example.errors, "\(example.name)")
                        try await transport.expect(first, says: example.output)
                    }
                }
            }
        }

        @Test(arguments: [
            "-t ed25519", "-t ecdsa -b 256", "-t ecdsa -b 384", "-t ecdsa -b 521", "-t ecdsa -m PEM",
            "-t ecdsa -m PKCS8",
        ])
        func everyKindOfKeyLogsIn(_ kind: String) async throws {
            try await ThrowawaySSHD.with { server in
                var endpoint = try server.endpoint()
                endpoint.identityFiles = [try await server.addClientKey(kind.split(separator: " ").map(String.init))]
                let text = try await withTransport(to: endpoint) {
                    try await $0.run(RemoteCommand(shell: "echo in")).text
                }
                #expect(text == "in\n")
            }
        }
    }
}

/// Runs a test against a server of its own.
enum Shared {
    static func run(_ body: @Sendable (any Transport) async throws -> Void) async throws {
        try await ThrowawaySSHD.with { server in
            try await withTransport(to: server.endpoint(), body)
        }
    }
}
