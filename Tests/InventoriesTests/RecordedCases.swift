import Fleet
import Foundation
import TestSupport
import Testing
import Values

@testable import Inventories

/// Inventories and what Ansible 2.19 made of them, recorded; see `Cases/README.md`.
enum RecordedCases {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases").path

    static func json(file: String) throws -> Value {
        try json(String(contentsOfFile: file, encoding: .utf8))
    }

    static func json(_ text: String) throws -> Value {
        try PlainJSON.read(text)
    }

    /// A case's sources as paths, which are relative to its folder in the recording.
    static func sources(of folder: String, _ recorded: Value) -> [String] {
        guard case .list(let names)? = recorded["sources"] else { return [] }
        return names.compactMap(\.text).map { folder + "/" + $0 }
    }

    static let inventories: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/inventories")
        return (names ?? []).sorted()
    }()

    /// A listing as text, without what Ansible may leave out.
    static func normal(_ listing: Value) -> [String: String] {
        var lines: [String: String] = [:]
        for (name, group) in listing.fields ?? [] where name != .string("_meta") {
            for (variable, value) in group["vars"]?.fields ?? [] {
                lines["\(name.text ?? "") vars.\(variable.text ?? "")"] = PlainJSON.canonical(value)
            }
            if group["hosts"] == nil, group["children"] == nil { continue }
            for part in ["hosts", "children"] {
                lines["\(name.text ?? "") \(part)"] = PlainJSON.canonical(group[part] ?? .list([]))
            }
        }
        for (host, variables) in listing["_meta"]?["hostvars"]?.fields ?? [] {
            for (name, value) in variables.fields ?? [] {
                lines["\(host.text ?? "").\(name.text ?? "")"] = PlainJSON.canonical(value)
            }
        }
        return lines
    }
}

struct PatternCase: Sendable, CustomTestStringConvertible {
    let id: String
    let inventory: String
    let pattern: String
    let limit: String?
    let expected: [String]
    let fails: Bool

    var testDescription: String { "\(id) \(pattern)" + (limit.map { " --limit \($0)" } ?? "") }

    static let all: [PatternCase] = {
        let file = RecordedCases.folder + "/patterns/patterns.jsonl"
        let lines = (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.compactMap { line in
            guard let value = try? PlainJSON.read(line) else {
                Issue.record("a line of patterns.jsonl can't be read: \(line)")
                return nil
            }
            var expected: [String] = []
            if case .list(let names)? = value["expected"] { expected = names.compactMap(\.text) }
            return PatternCase(
                id: value["id"]?.text ?? "", inventory: value["inventory"]?.text ?? "",
                pattern: value["pattern"]?.text ?? "", limit: value["limit"]?.text, expected: expected,
                fails: value["exit"] != .int(0))
        }
    }()
}
