import Fleet
import Insight
import TestSupport
import Testing

/// The scripts that hosts get, run on this machine.
struct ProbeTests {
    private func answer(_ script: String) async throws -> String {
        let host = LocalShellTransport(host: Staging.name("local"))
        let result = try await host.run(RemoteCommand(shell: script), outputLimit: .mebibytes(8))
        #expect(String(decoding: result.errors, as: UTF8.self) == "")
        return String(decoding: result.output, as: UTF8.self)
    }

    @Test func servicesAreAskedByAPlainShell() async throws {
        let answers = ServiceScript.answers(in: try await answer(ServiceScript.text([.memcached, .nginx, .haproxy])))
        // Whatever runs here, or does not: each is asked once at most.
        #expect(Set(answers.map(\.kind)).count == answers.count)
    }

    @Test func aLookAtThisMachineIsRead() async throws {
        let look = try #require(HostLook(answer: try await answer(HostLook.script(seconds: 1))))
        #expect(look.threads.allSatisfy { $0.busy >= 0 && $0.process > 0 })
        #expect(look.threads.map(\.busy) == look.threads.map(\.busy).sorted(by: >))
    }
}
