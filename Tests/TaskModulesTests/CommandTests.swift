import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

struct CommandCase: Sendable, CustomTestStringConvertible {
    var module = "command"
    let line: String
    var arguments: Variables = [:]
    let output: String
    var status = 0
    /// Whether there is something to run.
    var runs = true
    var testDescription: String { line }
}

@Test(arguments: [
    CommandCase(line: #"printf '%s|' "two words" plain 'a"b'"#, output: #"two words|plain|a"b|"#),
    CommandCase(line: "echo '$HOME' * a\\ b", output: NSHomeDirectory() + " * a b"),
    CommandCase(line: "echo ${HOME}x $NOT_SET_AT_ALL ${NOPE}", output: NSHomeDirectory() + "x $NOT_SET_AT_ALL ${NOPE}"),
    CommandCase(line: "echo 'a\\tb' $(id)", output: "a\\tb $(id)"),
    CommandCase(line: "cat", arguments: ["stdin": .string("in")], output: "in"),
    CommandCase(line: "pwd", arguments: ["chdir": .string("/")], output: "/"),
    CommandCase(line: "false", output: "", status: 1),
    CommandCase(line: "no-such-program-here x", output: "", status: 2, runs: false),
    CommandCase(module: "shell", line: "echo \"$((1 + 1))\" | tr 2 3; exit 4", output: "3", status: 4),
    CommandCase(module: "shell", line: "printf '3\\n1\\n2\\n' | sort | tr '\\n' ' '", output: "1 2 3 "),
    CommandCase(
        module: "shell", line: "echo ${BASH_VERSION:+bash}", arguments: ["executable": .string("/bin/bash")],
        output: "bash"),
])
func commandsRun(_ example: CommandCase) async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let result = try host.apply(example.module, example.arguments, freeForm: example.line)
        #expect(result.fields["stdout"] == .string(example.output), "\(result)")
        #expect(result.fields["rc"] == .int(example.status))
        #expect(result.failed == (example.status != 0) && result.changed == example.runs)
    }
}

@Test func createsAndRemovesDecide() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        let create: Variables = ["creates": .string("made"), "chdir": .string(folder.path)]
        let first = try host.apply("command", create, freeForm: "touch made")
        #expect(first.changed && !first.failed)
        let second = try host.apply("command", create, freeForm: "touch made")
        #expect(!second.changed && second.fields["stdout"] == .string("skipped, since made exists"))
        let pattern = try host.apply("command", ["creates": .string(folder.path + "/ma*")], freeForm: "false")
        #expect(!pattern.changed && !pattern.failed)
        let removes = try host.apply("shell", ["removes": .string(folder.path + "/no*")], freeForm: "false")
        #expect(!removes.changed && !removes.failed)
    }
}

@Test func checkModeSkipsCommands() async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        guard
            case .change(let plain) = try host.plan("command", [:], freeForm: "touch x", context: .test(isCheck: true)),
            case .change(let creates) = try host.plan(
                "command", ["creates": .string("/nope")], freeForm: "touch x", context: .test(isCheck: true))
        else { throw TestFailure("no change") }
        #expect(plain.isSkippedInCheckMode && plain.predicted.skipped && !plain.predicted.changed)
        #expect(!creates.isSkippedInCheckMode && creates.predicted.changed)
    }
}

@Test func linesAreCutAsPythonDoes() {
    #expect("a\nb\r\nc\rd\n".pythonLines == ["a", "b", "c", "d"])
    #expect("".pythonLines == [] && "\n".pythonLines == [""])
}
