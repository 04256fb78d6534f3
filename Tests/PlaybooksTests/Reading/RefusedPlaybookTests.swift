import Fleet
import Foundation
import Playbooks
import Testing

/// Playbooks that must be refused before any host is touched: `Refused/NAME.yml`, with what is said in
/// `Refused/NAME.txt` (`UPDATE_REFUSALS=1` writes it anew).
@Suite struct RefusedPlaybookTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Refused")

    static var names: [String] {
        // An empty list would run no test; the count below notices.
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
    }

    @Test func casesAreThere() { #expect(Self.names.count >= 30) }

    @Test(arguments: names)
    func saysWhatIsWrongAndWhere(_ name: String) throws {
        let file = Self.folder.appendingPathComponent(name + ".yml").path
        let expected = Self.folder.appendingPathComponent(name + ".txt")
        let error = try #require(throws: InputError.self) { try Playbook.load(files: [file]) }
        let told = Self.text(of: error)
        if ProcessInfo.processInfo.environment["UPDATE_REFUSALS"] == "1" {
            try Data(told.utf8).write(to: expected)
        }
        #expect(told == (try? String(contentsOf: expected, encoding: .utf8)))
    }

    private static func text(of error: InputError) -> String {
        let lines = ["\(error.subject ?? "(no place)"): \(error.message)"] + error.hints.map { "hint: \($0)" }
        return lines.map { $0.replacing(folder.path + "/", with: "").replacing(folder.path, with: ".") }
            .joined(separator: "\n") + "\n"
    }
}
