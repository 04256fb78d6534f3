import Fleet
import Foundation
import SSH
import Synchronization
import TestSupport
import Testing

extension SSHDTests {
    @Suite(.overBothTransports, .timeLimit(.minutes(3)))
    struct UploadTests {
        /// A server, and a folder with a file of `size` random bytes.
        private func prepared(
            size: Int, _ lines: [String] = [], settings: SSHSettings = SSHSettings(),
            _ body: (_ server: ThrowawaySSHD, _ transport: any Transport, _ source: String) async throws -> Void
        ) async throws {
            try await ThrowawaySSHD.with(lines) { server in
                let source = server.folder.appendingPathComponent("source").path
                let made = try await DroverProgram.run(["bash", "-c", "head -c \(size) /dev/urandom >\(source)"])
                #expect(made.status == 0)
                try await withTransport(to: server.endpoint(), settings: settings) {
                    try await body(server, $0, source)
                }
            }
        }

        private func expectSame(_ source: String, _ target: String) async throws {
            let compared = try await DroverProgram.run(["cmp", source, target])
            #expect(compared.status == 0, "\(compared.output)\(compared.errors)")
        }

        @Test func howFarItIsIsTold() async throws {
            let told = Mutex<[UploadProgress]>([])
            var settings = SSHSettings()
            settings.tellUploads = { step in told.withLock { $0.append(step) } }
            try await prepared(size: 3_000_000, settings: settings) { server, transport, source in
                let target = server.folder.appendingPathComponent("target").path
                try await transport.upload(source, to: target, mode: 0o600, privilege: .login)
                let steps = told.withLock(\.self)
                #expect(steps.allSatisfy { $0.path == target && $0.host == transport.host && $0.size == 3_000_000 })
                #expect(steps.count > 3 && steps.map(\.sent) == steps.map(\.sent).sorted())
                #expect(steps.filter(\.isOver).count == 1 && steps.last?.isOver == true)
            }
        }

        @Test(arguments: [0, 1, 70_000, 60_000_000])
        func arrivesUnchanged(size: Int) async throws {
            try await prepared(size: size) { server, transport, source in
                let folder = server.folder.appendingPathComponent("a folder's").path
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                try await transport.upload(source, to: folder + "/the target", mode: 0o640, privilege: .login)
                try await expectSame(source, folder + "/the target")
                let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/the target")
                #expect(attributes[.posixPermissions] as? Int == 0o640)
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["the target"])
            }
        }

        @Test func replacesWhatIsThere() async throws {
            try await prepared(size: 1000) { server, transport, source in
                let target = server.folder.appendingPathComponent("target").path
                try "old".write(toFile: target, atomically: true, encoding: .utf8)
                try await transport.upload(source, to: target, mode: 0o600, privilege: .login)
                try await expectSame(source, target)
            }
        }

        @Test(arguments: ["/no/such/folder/file", "/tmp"])
        func aTargetThatCannotBeIsRefused(_ target: String) async throws {
            try await prepared(size: 100_000) { _, transport, source in
                let error = await transportError {
                    try await transport.upload(source, to: target, mode: 0o600, privilege: .login)
                }
                #expect(error?.code == .uploadFailed)
                try await transport.expect("ls -A /tmp/.drover* /.tmp.drover* 2>/dev/null", says: "")
            }
        }

        @Test func aSourceThatIsNotThereIsNoFault0fTheHost() async throws {
            try await prepared(size: 0) { _, transport, _ in
                let error = await transportError {
                    try await transport.upload("/no/such/file", to: "/tmp/x", mode: 0o600, privilege: .login)
                }
                #expect(error?.code == .fileUnreadable)
                #expect(error?.meansUnreachable == false)
            }
        }

        @Test func whatWasLeftLongAgoGoes() async throws {
            try await prepared(size: 10) { server, transport, source in
                let folder = server.folder.appendingPathComponent("folder").path
                let made = try await DroverProgram.run(
                    [
                        "sh", "-c",
                        "mkdir \"$1\"; cd \"$1\"; touch .target.drovernew .other.droverold; touch -d '2 hours ago' .target.droverold .other.droverold",
                        "sh", folder,
                    ])
                #expect(made.status == 0)
                try await transport.upload(source, to: folder + "/target", mode: 0o600, privilege: .login)
                let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                #expect(names.sorted() == [".other.droverold", ".target.drovernew", "target"])
            }
        }

        @Test func keysMayChangeInTheMiddle() async throws {
            try await prepared(size: 100_000_000, ["RekeyLimit 1M"]) { server, transport, source in
                let target = server.folder.appendingPathComponent("target").path
                try await transport.upload(source, to: target, mode: 0o600, privilege: .login)
                try await expectSame(source, target)
            }
        }

        /// A frozen server is a lost connection as soon as it has been silent for long enough.
        @Test(arguments: ["KILL", "STOP"])
        func goesOnAfterALostConnection(_ signal: String) async throws {
            let settings = SSHSettings(silenceLimit: .seconds(2))
            try await prepared(size: 60_000_000, settings: settings) { server, transport, source in
                let folder = server.folder.appendingPathComponent("folder").path
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let first = try await transport.run(RemoteCommand(shell: "echo $PPID")).text.filter(\.isNumber)
                // Ends, or stops, the connection's server as soon as some of the file is there.
                let killer = """
                    cd \(folder); until [ -n "$(find . -name '.target.*' -size +8000k)" ]; do :; done; kill -\(signal) \(first)
                    """
                async let killed = DroverProgram.run(["timeout", "60", "bash", "-c", killer])
                try await transport.upload(source, to: folder + "/target", mode: 0o600, privilege: .login)
                let ended = try await killed
                #expect(ended.status == 0)
                let second = try await transport.run(RemoteCommand(shell: "echo $PPID")).text.filter(\.isNumber)
                #expect(second != first)
                try await expectSame(source, folder + "/target")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["target"])
                try await server.killSessions("KILL")
            }
        }
    }
}
