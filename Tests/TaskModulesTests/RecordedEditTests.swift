import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

/// What Ansible's own module made of a file; see `Recorded/record.py`.
struct RecordedEdit: Sendable, CustomTestStringConvertible {
    let name: String
    let module: String
    let arguments: Variables
    let before: String?
    let after: String?
    let mode: String?
    let failed: Bool
    let changed: Bool
    let message: String
    var testDescription: String { name }

    init?(_ name: String, _ value: Value) {
        guard let module = value["module"]?.text, case .map(let fields)? = value["arguments"] else { return nil }
        self.name = name
        self.module = module
        arguments = Variables(uniqueKeysWithValues: fields.map { ($0.key.text ?? "", $0.value) })
        before = value["before"]?.text
        after = value["after"]?.text
        mode = value["mode"]?.text
        failed = value["failed"] == .bool(true)
        changed = value["changed"] == .bool(true)
        message = value["message"]?.text ?? ""
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Recorded")

    static let all: [RecordedEdit] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted().compactMap { file in
            guard let text = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) else {
                return nil
            }
            return (try? Value(json: text)).flatMap { RecordedEdit(String(file.dropLast(5)), $0) }
        }
    }()

    /// More of the same, made by `record.py --fuzz` on the spot.
    static let random: [RecordedEdit] = {
        guard let file = ProcessInfo.processInfo.environment["DROVER_FUZZ_EDITS"],
            let text = try? String(contentsOfFile: file, encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").enumerated().compactMap { index, line in
            (try? Value(json: String(line))).flatMap { RecordedEdit("fuzz \(index)", $0) }
        }
    }()
}

@Test func recordedEditsAreThere() { #expect(RecordedEdit.all.count > 70) }

@Test(arguments: RecordedEdit.all + RecordedEdit.random)
func editsAsAnsibleDoes(_ example: RecordedEdit) async throws {
    try await withTemporaryFolder { folder in
        let host = HostStandIn(folder: folder.path)
        if let before = example.before {
            try host.write(before, to: "file")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: host.path("file"))
        }
        var arguments = example.arguments
        arguments["path"] = .string(host.path("file"))
        let result: TaskResult
        do {
            result = try host.apply(example.module, arguments)
        } catch is InputError {
            #expect(example.failed)
            return
        }
        #expect(result.failed == example.failed, "\(result)")
        #expect(result.changed == example.changed, "\(result)")
        let after = FileManager.default.fileExists(atPath: host.path("file")) ? try host.text("file") : nil
        #expect(after == example.after)
        guard let mode = example.mode else { return }
        #expect(try FileMode.text(UInt16(host.mode("file"))) == mode)
        if !example.failed {
            #expect((result.message ?? "").replacing(host.path("file"), with: "PATH") == example.message)
        }
    }
}
