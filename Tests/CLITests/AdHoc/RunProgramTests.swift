import Foundation
import TestSupport
import Testing

/// The built `drover` against a real sshd.
@Suite(.serialized, .sshd, .timeLimit(.minutes(3))) struct ProgramTests {}

extension ProgramTests {
    @Suite struct RunProgramTests {
        private func withHosts(
            _ count: Int, _ body: (_ drover: DroverProgram, _ inventory: String, _ folder: URL) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with { server in
                let drover = DroverProgram(in: server.folder)
                try await body(drover, try server.inventory(hosts: count), server.folder)
            }
        }

        private func expectNothingRuns(_ mark: String) async throws {
            let found = try await DroverProgram.run(["pgrep", "-f", "^sleep \(mark)$"])
            #expect(found.status == 1, "\(found.output)")
        }

        /// A number of seconds that no other process sleeps.
        private var mark: String { "\(Int.random(in: 5000...9000)).\(Int.random(in: 100_000...999_999))" }

        @Test func equalAnswersAreGrouped() async throws {
            try await withHosts(3) { drover, inventory, _ in
                let done = try await drover("run", "-i", inventory, "all", "--", "echo same")
                #expect(done.status == 0, "\(done.errors)")
                #expect(done.output == "3 hosts said: h[1-3]\nsame\n")
            }
        }

        @Test func linesAreStreamedBehindTheirHosts() async throws {
            try await withHosts(10) { drover, inventory, _ in
                let done = try await drover(
                    "run", "-i", inventory, "--stream", "h1,h10", "--", "echo out; echo err >&2; printf rest")
                #expect(done.status == 0)
                let lines = done.output.split(separator: "\n").sorted()
                #expect(lines == ["h1  | out", "h1  | rest", "h10 | out", "h10 | rest"])
                let errors = done.errors.split(separator: "\n").filter { !$0.hasPrefix("warning:") }
                #expect(errors.sorted() == ["2 hosts: 2 done", "h1  | err", "h10 | err"])
            }
        }

        @Test func jsonIsOneObjectForEveryHost() async throws {
            try await withHosts(3) { drover, inventory, _ in
                let done = try await drover(
                    "run", "-i", inventory, "--format", "json", "all", "--", "echo out; echo err >&2; exit 3")
                #expect(done.status == 1)
                let objects = try done.output.split(separator: "\n").map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                #expect(Set(objects.compactMap { $0["host"] as? String }) == ["h1", "h2", "h3"])
                for object in objects {
                    #expect(object["status"] as? Int == 3)
                    #expect(object["stdout"] as? String == "out\n")
                    #expect(object["stderr"] as? String == "err\n")
                    #expect(object["elapsed"] as? Double ?? -1 > 0)
                }
            }
        }

        @Test func manyMegabytesKeepOnlyTheirTail() async throws {
            try await withHosts(2) { drover, inventory, _ in
                let script = "if mkdir first 2>/dev/null; then head -c 200000000 /dev/zero | tr '\\0' x; fi; echo end"
                let done = try await drover.run(
                    ["run", "-i", inventory, "--keep", "1", "--format", "json", "all", "--", "cd; " + script])
                #expect(done.status == 0)
                let objects = try done.output.split(separator: "\n").map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
                }
                let sizes = objects.compactMap { ($0["stdout"] as? String)?.utf8.count }.sorted()
                #expect(sizes == [4, 1 << 20])
                #expect(objects.compactMap { $0["stdoutOmitted"] as? Int } == [200_000_004 - (1 << 20)])
            }
        }

        @Test func aScriptRunsByItsInterpreterAndLeavesNothing() async throws {
            try await withHosts(2) { drover, inventory, folder in
                let script = folder.appendingPathComponent("hello there.sh")
                try "#!/bin/bash -u\narray=(\"$@\")\necho \"${array[1]}\" \"${0##*/}\"; cat; echo \"$0\" >&2; exit 4\n"
                    .write(to: script, atomically: true, encoding: .utf8)
                let done = try await drover.run(
                    ["run", "-i", inventory, "--output", "stream", "--script", script.path, "h1", "--", "a", "b's c"])
                #expect(done.status == 1)
                #expect(done.output == "h1 | b's c hello there.sh\n")
                let line = try #require(done.errors.split(separator: "\n").first)
                #expect(!FileManager.default.fileExists(atPath: String(line.dropFirst("h1 | ".count))))
                #expect(done.errors.contains("h1: command ended with status 4"))
            }
        }

        @Test func noHostIsBegunAfterTooManyFailures() async throws {
            try await withHosts(10) { drover, inventory, _ in
                let done = try await drover(
                    "run", "-i", inventory, "--fail-percent", "20", "-f", "1", "all", "--", "false")
                #expect(done.status == 1)
                #expect(done.output.contains("3 hosts said nothing: "))
                #expect(done.errors.contains("left out: h"))
                #expect(done.errors.hasSuffix("10 hosts: 3 ended with status 1, 7 left out\n"), "\(done.errors)")
            }
        }

        @Test func hostsTakeTurnsWhereFewFilesMayBeOpen() async throws {
            try await withHosts(120) { drover, inventory, folder in
                // Nobody ends before 20 are there together.
                let script = """
                    cd '\(folder.path)'; mkdir here.$$; i=0
                    while [ "$i" -lt 500 ] && [ "$(ls -d here.* | wc -l)" -lt 20 ]; do i=$((i+1)); sleep 0.02; done
                    [ "$i" -lt 500 ] && echo done
                    """
                let words = ["prlimit", "--nofile=110:110", DroverProgram.binary, "run", "-i", inventory, "all", "--"]
                let done = try await drover.runBeside(words + [script])
                #expect(done.status == 0, "\(done.errors)")
                #expect(done.output == "120 hosts said: h[1-120]\ndone\n")
            }
        }

        @Test func batchesFollowOneAnother() async throws {
            try await withHosts(6) { drover, inventory, folder in
                let script = """
                    cd '\(folder.path)'; mkdir running.$$ || exit
                    [ "$(ls -d running.* | wc -l)" -le 2 ] || exit 7
                    i=0; while [ "$i" -lt 200 ] && [ "$(ls -d running.* | wc -l)" -lt 2 ]; do i=$((i+1)); sleep 0.02; done
                    [ "$i" -lt 200 ] || exit 8
                    mkdir met.$$; i=0
                    while [ "$i" -lt 200 ] && [ $(($(ls -d met.* | wc -l) % 2)) -ne 0 ]; do i=$((i+1)); sleep 0.02; done
                    rmdir running.$$
                    """
                let done = try await drover("run", "-i", inventory, "--serial", "2", "all", "--", script)
                #expect(done.status == 0, "\(done.output)\(done.errors)")
            }
        }

        @Test func aCommandThatTakesTooLongIsEndedOnTheHost() async throws {
            try await withHosts(2) { drover, inventory, _ in
                let mark = mark
                let done = try await drover(
                    "run", "-i", inventory, "--timeout", "1", "all", "--", "echo begun; sleep \(mark)")
                #expect(done.status == 1)
                #expect(done.errors.contains("h1, h2: command did not end within 1 s, and was ended"), "\(done.errors)")
                #expect(done.output.contains("begun"))
                try await expectNothingRuns(mark)
            }
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func theFirstSignalFinishesTheHostsInHand(_ signal: Int32) async throws {
            try await withHosts(4) { drover, inventory, folder in
                let script = "echo begun; while ! [ -e '\(folder.path)/go' ]; do sleep 0.05; done; echo ended"
                let transcript = try await drover.run(
                    ["run", "-i", inventory, "-f", "1", "--stream", "all", "--", script],
                    cues: [
                        Cue(signal, onceItSays: "begun"),
                        Cue(file: folder.path + "/go", onceItSays: "press Ctrl-C again"),
                    ])
                #expect(transcript.status == 1)
                // Whichever answered first.
                #expect(transcript.output.contains(/h[1-4] \| ended/), "\(transcript.output)")
                #expect(transcript.output.contains("4 hosts: 1 done, 3 left out"), "\(transcript.output)")
            }
        }

        @Test(arguments: [SIGINT, SIGTERM])
        func theSecondSignalEndsWhatRuns(_ signal: Int32) async throws {
            try await withHosts(3) { drover, inventory, _ in
                let mark = mark
                let done = try await drover.run(
                    ["run", "-i", inventory, "-f", "1", "--stream", "all", "--", "echo begun; sleep \(mark)"],
                    cues: [Cue(signal, onceItSays: "begun"), Cue(signal, onceItSays: "press Ctrl-C again")])
                #expect(done.status == 1)
                // Whichever answered first.
                let inHand = try #require(done.output.firstMatch(of: /in hand \((h[123])\); left out: h[123], h[123]/))
                    .1
                #expect(done.output.contains("\(inHand): the command was stopped before it was done, and was ended"))
                try await expectNothingRuns(mark)
            }
        }

        @Test func jsonIsWholeWhenStoppedTwice() async throws {
            try await withHosts(3) { drover, inventory, folder in
                let mark = mark
                // One host ends once the other has begun; the third is in a batch of its own.
                let script = """
                    cd '\(folder.path)'
                    if mkdir first 2>/dev/null
                    then while ! [ -e second ]; do sleep 0.05; done; echo said
                    else touch second; exec sleep \(mark)
                    fi
                    """
                let done = try await drover.run(
                    ["run", "-i", inventory, "--serial", "2", "--format", "json", "all", "--", script],
                    cues: [Cue(SIGINT, onceItSays: "said"), Cue(SIGINT, onceItSays: "press Ctrl-C again")])
                let objects = done.output.split(separator: "\n").filter { $0.hasPrefix("{") }.compactMap {
                    try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                }
                let hosts = objects.compactMap { $0["host"] as? String }
                #expect(hosts.sorted() == ["h1", "h2", "h3"] && hosts.last == "h3")
                #expect(objects.compactMap { $0["code"] as? String } == ["cancelled", "leftOut"])
                try await expectNothingRuns(mark)
            }
        }
    }
}
