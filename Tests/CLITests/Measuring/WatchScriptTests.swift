import Fleet
import Sampling
import TestSupport
import Testing

@testable import CLI

@Suite(.timeLimit(.minutes(1))) struct WatchScriptTests {
    @Test func whatAHostSaysInOneCommandIsTakenApart() async throws {
        let host = try HostName("ap1")
        let done = try await DroverProgram.run(["sh", "-c", WatchScript(seconds: 1, pace: 1).text])
        #expect(done.status == 0, "\(done.errors)")
        let answer = WatchScript.answer(done.output, on: host)
        #expect(answer.samples.count == 1 && answer.look != nil, "\(done.output.suffix(2000))")
        // Cut off in the middle, what came before counts.
        let half = done.output.split(separator: "== drover watch look").first.map(String.init) ?? ""
        let cut = WatchScript.answer(half, on: host)
        #expect(cut.samples.count == 1 && cut.look == nil)
        #expect(WatchScript.answer("", on: host).samples.isEmpty)
        #expect(
            WatchScript.answer("== drover watch counters\nnonsense\n== drover watch look\nT x", on: host).look == nil)
    }

    @Test func aGlanceHasCountersAndServices() async throws {
        let done = try await DroverProgram.run(["sh", "-c", HostGlance.script(.cheapServices)])
        #expect(done.status == 0 && done.output.contains("/proc/stat:cpu"), "\(done.errors)")
        #expect(HostGlance.script(.counters) == ReadingScript.text)
    }
}
