import Foundation
import Synchronization
import TestSupport
import Testing

extension ProgramTests {
    /// Handlers outlive the controller: the hosts remember them.
    @Suite struct OwedHandlersProgramTests {
        /// Where the controller is killed.
        enum Moment: String, CaseIterable, CustomTestStringConvertible {
            /// By the very command that makes the change.
            case change
            /// By the task after it.
            case next
            /// By a handler before the one that is owed.
            case handler

            var testDescription: String { rawValue }
        }

        /// Kills the process whose number the test has written into a file, once.
        private static let murder = """
            if [ -s pid ]; then p=$(cat pid); rm pid; kill -9 $p; while kill -0 $p; do sleep 0.02; done; fi
            """

        private func site(_ folder: URL, _ moment: Moment?) -> String {
            func act(_ here: Moment) -> String { moment == here ? Self.murder : ":" }
            return """
                - name: web
                  hosts: all
                  gather_facts: false
                  tasks:
                    - shell: |
                        while ! [ -s ready ]; do sleep 0.02; done
                        [ -e settings ] && exit 0
                        echo a=1 > settings; echo changed
                        \(act(.change))
                      args: {chdir: \(folder.path)}
                      register: made
                      changed_when: made.stdout == 'changed'
                      notify: [first, restart it]
                    - shell: "\(act(.next))"
                      args: {chdir: \(folder.path)}
                      changed_when: false
                  handlers:
                    - {name: first, shell: "\(act(.handler))", args: {chdir: \(folder.path)}}
                    - {name: restart it, shell: "echo restarted >> restarts", args: {chdir: \(folder.path)}}

                """
        }

        private func text(_ name: String, _ folder: URL) -> String? {
            FileManager.default.contents(atPath: folder.appendingPathComponent(name).path)
                .map { String(decoding: $0, as: UTF8.self) }
        }

        @Test(arguments: Moment.allCases)
        func aControllerThatIsKilledLeavesNothingUndone(_ moment: Moment) async throws {
            try await ThrowawaySSHD.with { server in
                let folder = server.folder
                let drover = DroverProgram(in: folder)
                let inventory = try server.inventory(hosts: 1)
                let playbook = folder.appendingPathComponent("site.yml")
                try Data(site(folder, moment).utf8).write(to: playbook)
                let isKnown = Atomic(false)
                let killed = try await drover.watched(["apply", "site.yml", "-i", inventory, "--format", "json"]) {
                    _, process in
                    guard !isKnown.exchange(true, ordering: .relaxed) else { return }
                    for name in ["pid", "ready"] {
                        let file = folder.appendingPathComponent(name)
                        // Without the file nothing kills the controller, and the test says so.
                        _ = FileManager.default.createFile(atPath: file.path, contents: Data("\(process)\n".utf8))
                    }
                }
                #expect(killed.status == 128 + SIGKILL, "\(killed.output) \(killed.errors)")
                #expect(text("settings", folder) == "a=1\n")
                #expect(text("restarts", folder) == nil)

                let again = try await drover("apply", "site.yml", "-i", inventory)
                #expect(again.status == 0, "\(again.output) \(again.errors)")
                #expect(again.output.contains("owed by an earlier run: "), "\(again.output)")
                #expect(text("restarts", folder) == "restarted\n")
                let last = try await drover("apply", "site.yml", "-i", inventory)
                #expect(!last.output.contains("owed by"), "\(last.output)")
                #expect(text("restarts", folder) == "restarted\n")
            }
        }
    }
}
