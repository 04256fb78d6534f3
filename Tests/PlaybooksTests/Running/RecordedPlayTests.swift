import Fleet
import Foundation
import Inventories
import Playbooks
import TestSupport
import Testing

/// Plays whose effects `ansible-playbook` recorded: how each host is counted, and what was written.
///
/// `Recorded/plays/record.py` makes the records; `gone` is a host that nobody can reach.
@Suite struct RecordedPlayTests {
    @Test(arguments: RecordedPlay.names)
    func comesToWhatAnsibleMadeOfIt(_ name: String) async throws {
        let recorded = try RecordedPlay(name)
        try await withTemporaryFolder { work in
            let fleet = LocalFleet(work, lost: ["gone"])
            let ended = try await fleet.run(recorded, work: work)
            #expect(ended.recap.succeeded == recorded.succeeded, "\(ended)")
            var hosts = Dictionary(
                uniqueKeysWithValues: ended.recap.hosts.map {
                    ($0.host.description, ended.counters($0.host.description))
                })
            hosts = hosts.filter { !$0.value.isEmpty }
            #expect(hosts == recorded.hosts, "\(ended)")
            var files: [String: String] = [:]
            for file in try FileManager.default.contentsOfDirectory(atPath: work.path) {
                files[file] = fleet.read(file)?.replacingOccurrences(of: work.path, with: "(work)")
            }
            #expect(files == recorded.files)
        }
    }
}

/// A playbook and what came of it.
struct RecordedPlay: Decodable {
    let succeeded: Bool
    /// Counters other than zero, as in `ok=3 changed=1`.
    let hosts: [String: String]
    let files: [String: String]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Recorded/plays")

    /// The names of all records; a folder that can't be read has none, and then a test of its own fails.
    static let names: [String] = {
        let found = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return found.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    private(set) var name = ""

    private enum CodingKeys: CodingKey { case succeeded, hosts, files }

    init(_ name: String) throws {
        let data = try Data(contentsOf: Self.folder.appendingPathComponent(name + ".json"))
        self = try JSONDecoder().decode(Self.self, from: data)
        self.name = name
    }

    var playbook: String { Self.folder.appendingPathComponent(name + ".yml").path }

    /// The options that the playbook's first line names.
    func options(work: URL) throws -> RunOptions {
        let text = try String(contentsOfFile: playbook, encoding: .utf8)
        let line = text.split(separator: "\n").first ?? ""
        let prefix = "# arguments: "
        var words = line.hasPrefix(prefix) ? line.dropFirst(prefix.count).split(separator: " ")[...] : []
        var options = RunOptions()
        var extra = ["work=\(work.path)"]
        while let word = words.popFirst() {
            switch word {
            case "--check": options.mode = .check
            case "-e":
                extra.append(words.popFirst().map { String($0).replacing("@", with: "@\(Self.folder.path)/") } ?? "")
            default: throw RecordedOption(text: String(word))
            }
        }
        options.extra = try ExtraVariables.read(extra)
        options.forks = 5
        options.inventorySources = [Self.folder.appendingPathComponent("inventory.yml").path]
        return options
    }

    /// An option that the records use and this test does not know.
    struct RecordedOption: Error { let text: String }
}

extension RecordedPlayTests {
    @Test func thereAreRecords() { #expect(RecordedPlay.names.count > 30) }
}
