import Fleet
import Foundation
import Testing
import Values

@testable import Inventories

@Test func casesAreThere() {
    #expect(RecordedCases.inventories.count == 42)
    #expect(PatternCase.all.count == 63)
}

@Test(arguments: RecordedCases.inventories)
func listsAsAnsibleDoes(_ name: String) throws {
    let folder = RecordedCases.folder + "/inventories/" + name
    let recorded = try RecordedCases.json(file: folder + "/case.json")
    if recorded["erroneous"] == .bool(true) { return }
    let inventory = try Inventory.load(sources: RecordedCases.sources(of: folder, recorded), playbookFolders: [folder])
    let expected = try RecordedCases.json(file: folder + "/expected.json")
    try #expect(RecordedCases.normal(RecordedCases.json(inventory.listing())) == RecordedCases.normal(expected))
    let graph = try String(contentsOfFile: folder + "/expected.graph.txt", encoding: .utf8)
    #expect(try inventory.graph() == graph.trimmingCharacters(in: .newlines))
}

@Test(arguments: RecordedCases.inventories)
func exportsAsAnsibleDoes(_ name: String) throws {
    let folder = RecordedCases.folder + "/inventories/" + name
    let recorded = try RecordedCases.json(file: folder + "/case.json")
    if recorded["erroneous"] == .bool(true) { return }
    let inventory = try Inventory.load(sources: RecordedCases.sources(of: folder, recorded))
    let expected = try RecordedCases.json(file: folder + "/expected.export.json")
    let listing = try RecordedCases.json(inventory.listing(exported: true))
    #expect(RecordedCases.normal(listing) == RecordedCases.normal(expected))
}

@Test(arguments: RecordedCases.inventories)
func drawsVariablesAsAnsibleDoes(_ name: String) throws {
    let folder = RecordedCases.folder + "/inventories/" + name
    let file = folder + "/expected.graph-vars.txt"
    guard FileManager.default.fileExists(atPath: file) else { return }
    let sources = RecordedCases.sources(of: folder, try RecordedCases.json(file: folder + "/case.json"))
    let graph = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
        try Inventory.load(sources: sources).graph(variables: true) == graph.trimmingCharacters(in: .newlines))
}

@Test(arguments: RecordedCases.inventories)
func refusesWhatAnsibleOnlyWarnsAbout(_ name: String) throws {
    let folder = RecordedCases.folder + "/inventories/" + name
    let recorded = try RecordedCases.json(file: folder + "/case.json")
    if recorded["erroneous"] != .bool(true) { return }
    let error = #expect(throws: InputError.self) {
        try Inventory.load(sources: RecordedCases.sources(of: folder, recorded), playbookFolders: [folder])
    }
    #expect(error?.location != nil)
    #expect(error?.hints.isEmpty == false)
}

@Test(arguments: PatternCase.all)
func choosesHostsAsAnsibleDoes(_ c: PatternCase) throws {
    let folder = RecordedCases.folder + "/patterns/"
    let inventory = try Inventory.load(sources: [folder + c.inventory])
    let limit = c.limit.map { $0.hasPrefix("@") ? "@" + folder + $0.dropFirst() : $0 }
    let selection = try inventory.selectHosts(matching: c.pattern, limit: limit)
    #expect(selection.hosts.map(\.description) == c.expected)
    #expect(!(selection.faults.isEmpty && (c.fails || c.expected.isEmpty)))
}

/// Where Drover's answer to `inventory --hosts` is an error and Ansible's is a warning: nothing is left but a misspelling.
private let misspelt = ["web[:1]", "nowhere", "stg0[1:2]", "WEB"]

@Test(arguments: PatternCase.all)
func answersWhateverIsNoMisspelling(_ c: PatternCase) throws {
    let folder = RecordedCases.folder + "/patterns/"
    let inventory = try Inventory.load(sources: [folder + c.inventory])
    let limit = c.limit.map { $0.hasPrefix("@") ? "@" + folder + $0.dropFirst() : $0 }
    let refusal = try inventory.selectHosts(matching: c.pattern, limit: limit).refusal(isLimited: limit != nil)
    #expect((refusal != nil) == (c.fails || misspelt.contains(c.pattern)), "\(refusal?.message ?? "answered")")
}
