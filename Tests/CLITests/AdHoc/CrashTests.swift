import Foundation
import TestSupport
import Testing

extension ProgramTests {
    /// A fault of the program's own.
    @Suite struct CrashTests {
        /// Whoever waits for the exit status gets it at once; the runtime would look for its backtrace for a minute first.
        @Test(arguments: [SIGILL, SIGTRAP, SIGSEGV, SIGABRT])
        func aCrashEndsTheProgramAtOnce(_ signal: Int32) async throws {
            try await ThrowawaySSHD.with { server in
                let drover = DroverProgram(in: server.folder)
                let start = ContinuousClock.now
                let words = [
                    "run", "-i", try server.inventory(hosts: 1), "--stream", "h1", "--", "echo begun; sleep 20",
                ]
                let done = try await drover.run(words, cues: [Cue(signal, onceItSays: "begun")])
                #expect(done.status == 128 + signal, "\(done.output)")
                #expect(done.output.contains("error: drover was ended by a fault of its own"), "\(done.output)")
                #expect(ContinuousClock.now - start < .seconds(20))
            }
        }
    }
}
