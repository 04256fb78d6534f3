import Foundation
import Testing

@testable import TaskModules

/// Modules that Drover has not, and what is said of them.
@Suite struct AbsentModulesTests {
    @Test func noneOfThemIsThere() {
        #expect(AbsentModules.insteadOf.keys.filter { ModuleCatalog.module(named: $0) != nil } == [])
    }

    @Test func theGuideHasEachOfThem() throws {
        let guide = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/from-ansible.md")
        let text = try String(contentsOf: guide, encoding: .utf8)
        #expect(AbsentModules.insteadOf.keys.filter { !text.contains("`\($0)`") } == [])
    }

    @Test(arguments: ["git", "ansible.builtin.git", "ansible.legacy.git", "community.general.git"])
    func whatDoesItsWorkIsNamed(_ name: String) {
        #expect(AbsentModules.hints(for: name).first?.contains("git clone") == true)
    }

    @Test func aCollectionIsNamedOnlyWhereThereIsOne() {
        #expect(AbsentModules.collectionHints(for: "community.general.thing").count == 1)
        #expect(AbsentModules.collectionHints(for: "ansible.builtin.thing").isEmpty)
        #expect(AbsentModules.collectionHints(for: "thing").isEmpty)
    }
}
