import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import CLI

/// The pages of docs/ that are made from the program.
@Suite struct ReferencePageTests {
    @Test(arguments: ReferencePage.allCases) func areNotStale(_ page: ReferencePage) throws {
        let file = DroverProgram.repository.appending(path: "docs/" + page.file)
        let kept = try String(contentsOf: file, encoding: .utf8)
        #expect(kept == page.text, "docs/\(page.file) is stale: make docs")
    }

    @Test func everyCommandThatWritesJSONSaysWhat() {
        let documented = Set(JSONPage.documented(below: Drover.self, []).map(\.path))
        let able = HelpTests.leaves.filter { Drover.helpMessage(for: $0.command).contains("--format <format>") }
            .map { ($0.path == ["rollout", "start"] ? ["rollout"] : $0.path).joined(separator: " ") }
        // That one writes what Ansible's writes.
        #expect(documented == Set(able).subtracting(["inventory"]))
        #expect(documented.count > 25)
    }

    @Test func schemasAreNamedOnceAndTheirFieldsAreToo() {
        let schemas = JSONPage.all
        #expect(Set(schemas.map(\.name)).count == schemas.count)
        for schema in schemas {
            for fields in [schema.fields] + schema.events.map(\.fields) {
                #expect(Set(fields.map(\.name)).count == fields.count, "\(schema.id)")
                for field in fields { #expect(!field.meaning.isEmpty) }
            }
        }
    }

    @Test func theProgramWritesThem() async throws {
        try await withTemporaryFolder { folder in
            let written = try await DroverProgram(in: folder)("reference", "json").succeeded()
            #expect(written.output == ReferencePage.json.text)
            let wrong = try await DroverProgram(in: folder)("reference", "jsn")
            #expect(wrong.status == 64 && wrong.errors.contains("json"))
        }
    }

    /// What stands in sources for a variable of the environment.
    @Test func allVariablesThatAreReadAreListed() throws {
        let words =
            #/"((?:DROVER|ANSIBLE)_[A-Z_]+)"|(?:environment\[|getenv\(|known\()"([A-Z][A-Z0-9_]+)"|\("([A-Z]+_[A-Z_]+)", "([A-Z]+_[A-Z_]+)"\)/#
        let sources = DroverProgram.repository.appending(path: "Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        var read: Set<String> = []
        for case let file as URL in files
        where file.pathExtension == "swift" && !file.path.contains("/Pages/")
            && !file.path.contains("/Sources/Agent/")
        {
            for found in try String(contentsOf: file, encoding: .utf8).matches(of: words) {
                read.formUnion(
                    [found.output.1, found.output.2, found.output.3, found.output.4].compactMap { $0 }.map(String.init))
            }
        }
        let listed = EnvironmentVariable.all.map(\.name)
        #expect(read.subtracting(listed) == [] && read.count > 25)
        #expect(Set(listed).subtracting(read) == [])
        #expect(Set(listed).count == listed.count)
    }
}
