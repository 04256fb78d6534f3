import Fleet
import Foundation
import OrderedCollections
import TaskModules
import TestSupport
import Testing
import Values

@testable import Playbooks

/// What Ansible keeps of every form of a task; see `Registered/record.py`.
private struct Recording {
    let forms: OrderedDictionary<Value, Value>

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Registered")

    init(_ play: String) throws {
        let file = Self.folder.appendingPathComponent(play + ".json")
        guard case .map(let forms)? = try? Value(json: try String(contentsOf: file, encoding: .utf8)) else {
            throw TestFailure("\(file.path) holds no mapping")
        }
        self.forms = forms
    }

    /// Runs the play here, and gives what it kept.
    func run(_ play: String, options: RunOptions = RunOptions()) async throws -> [String: Value] {
        try await withTemporaryFolder { folder in
            let home = folder.appendingPathComponent("home")
            try FileManager.default.copyItem(at: Self.folder, to: home)
            let site = home.appendingPathComponent("site.yml")
            let text = try String(contentsOf: home.appendingPathComponent(play + ".yml"), encoding: .utf8)
            try Data(text.utf8).write(to: site)
            let fleet = LocalFleet(home)
            let names = forms.keys.compactMap(\.text)
            let list = names.joined(separator: ", ")
            let ended = try await fleet.run(options: options, variables: ["names": "[\(list)]"])
            let root = home.appendingPathComponent("hosts/h1").path
            #expect(ended.recap.succeeded, "\(ended)")
            return try names.reduce(into: [:]) { forms, name in
                let kept = try #require(fleet.read("hosts/h1/out.\(name)"), "\(name) was not kept")
                let shown = kept.replacing(root, with: "ROOT").replacing(home.path, with: "HOME")
                forms[name] = try? Value(json: shown)
            }
        }
    }
}

/// Two results compared, but for what no two runs have in common.
private enum Comparison {
    /// What differs, one line each.
    static func differences(_ wanted: Value, _ found: Value, at path: String = "") -> [String] {
        switch (wanted, found) {
        case (.map(let wanted), .map(let found)):
            let keys = OrderedSet(wanted.keys).union(found.keys)
            return keys.flatMap { key -> [String] in
                let place = path + "." + (key.text ?? "?")
                guard let wanted = wanted[key] else { return ["\(place) is too much: \(found[key] ?? .null)"] }
                guard let found = found[key] else { return ["\(place) is missing: \(wanted)"] }
                let name = key.text ?? ""
                // Whole seconds that somebody waited: a busy machine waits for longer.
                if name == "elapsed", case .int(let least) = wanted, case .int(let took) = found,
                    (least...least + 60).contains(took)
                {
                    return []
                }
                return differences(steady(wanted, name), steady(found, name), at: place)
            }
        case (.list(let wanted), .list(let found)) where wanted.count == found.count:
            return zip(wanted, found).enumerated().flatMap { differences($1.0, $1.1, at: "\(path)[\($0)]") }
        default: return wanted == found ? [] : ["\(path) is \(found) and not \(wanted)"]
        }
    }

    private static let numbers: Set<String> = [
        "atime", "ctime", "mtime", "inode", "dev", "blocks", "uid", "gid", "size", "nlink",
    ]
    private static let texts: Set<String> = [
        "owner", "group", "pw_name", "gr_name", "mimetype", "charset", "attr_flags", "frame", "version",
    ]

    /// A value with what changes from run to run and from machine to machine taken out.
    private static func steady(_ value: Value, _ name: String) -> Value {
        switch value {
        case .int, .double: return numbers.contains(name) ? .string("a number") : value
        case .null where name == "version": return .string("a text")
        case .list where name == "attributes": return .list([])
        case .string(let text):
            if texts.contains(name) { return .string("a text") }
            if name == "src", text.contains("/.ansible/tmp/") || text.contains("/.drover.") { return .string("a file") }
            return .string(steady(text))
        default: return value
        }
    }

    private static func steady(_ text: String) -> String {
        var text = text
        text.replace(#/\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~/#, with: ".N.TIME~")
        text.replace(#/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?$/#, with: "TIME")
        text.replace(#/^\d+:\d\d:\d\d\.\d{6}$/#, with: "DELTA")
        return text
    }
}

/// Known differences, each for a reason.
private let known: [String: [String]] = [
    // There is no job on the host to look up.
    "async_plain": [".ansible_job_id is missing", ".results_file is missing"],
    // The text travels with the script, and no file of Ansible's is made for it.
    "loop_copy": [".results[0].invocation"],
    "copy_content_kept": [".src is missing"],
    // Of another wording.
    "include_vars_missing": [".ansible_facts", ".ansible_included_var_files", ".message", ".msg"],
    "include_tasks_plain": [".failed"],
    // Refused for another reason.
    "link_over_folder": [".msg", ".src"],
    // What stands there decides; the argument itself was not given.
    "loop_file": [".results[0].invocation.module_args.state"],
]

@Test func whatIsRegisteredIsAnsibles() async throws {
    let recording = try Recording("site")
    #expect(recording.forms.count > 140)
    let kept = try await recording.run("site")
    for (name, wanted) in recording.forms {
        let name = name.text ?? ""
        let found = try #require(kept[name])
        let wrong = Comparison.differences(wanted, found).filter { line in
            !(known[name] ?? []).contains { line.hasPrefix($0) }
        }
        #expect(wrong.isEmpty, "\(name): \(wrong.joined(separator: "\n"))")
    }
}

/// In check mode only what does not depend on doing the work is the same: Drover predicts more than Ansible does.
@Test func whatIsRegisteredInCheckModeIsAnsibles() async throws {
    let recording = try Recording("check")
    let kept = try await recording.run("check", options: RunOptions(mode: .check))
    let same = recording.forms.filter { form in
        ["command", "shell", "raw", "script", "loop_command", "set_fact", "copy_same", "line_same", "replace", "stat"]
            .contains { form.key.text?.hasPrefix($0) == true }
    }
    #expect(same.count > 12)
    for (name, wanted) in same {
        let wrong = Comparison.differences(wanted, try #require(kept[name.text ?? ""]))
        #expect(wrong.isEmpty, "\(name): \(wrong.joined(separator: "\n"))")
    }
}
