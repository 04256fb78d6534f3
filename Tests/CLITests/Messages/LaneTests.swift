import Foundation
import TestSupport
import Testing

/// The suites that run on hosts of a lab are named one by one where they are run.
@Suite struct LaneTests {
    @Test func everySuiteOnHostsIsRunBySomebody() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: DroverProgram.repository.appendingPathComponent(path), encoding: .utf8)
        }
        let run = try text("scripts/test") + text("Makefile")
        let folder = DroverProgram.repository.appendingPathComponent("Tests")
        let files = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        var suites: [String] = []
        for file in files where file.hasSuffix(".swift") {
            suites += try text("Tests/" + file).matches(of: /(?m)^struct (\w+EndToEndTests)\b/).map {
                String($0.output.1)
            }
        }
        #expect(suites.count > 10)
        #expect(suites.filter { !run.contains($0) } == [])
    }
}
