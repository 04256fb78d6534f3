import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import TaskModules

/// Arguments and what a host answered → what the task comes to.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    let name: String
    let value: Value
    var testDescription: String { name }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

    static let all: [GoldenCase] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.sorted().compactMap { file in
            guard let text = try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8) else {
                return nil
            }
            return (try? Value(json: text)).map { GoldenCase(name: String(file.dropLast(5)), value: $0) }
        }
    }()

    /// The snapshot that the case describes.
    func snapshot() throws -> Snapshot {
        var snapshot = Snapshot()
        guard case .map(let answers)? = value["answers"] else { return snapshot }
        for (key, answer) in answers {
            let words = (key.text ?? "").split(separator: " ", maxSplits: 1).map(String.init)
            let (probe, read) = try #require(Self.reading(words[0], words.count > 1 ? words[1] : ""))
            snapshot[probe] = answer == .null ? .absent : read(answer)
        }
        return snapshot
    }

    private static func reading(_ kind: String, _ name: String) -> (Probe, (Value) -> Answer)? {
        switch kind {
        case "package":
            (
                .package(name),
                {
                    .package(
                        PackageState(version: $0["version"]?.text ?? "", isInstalled: $0["installed"] == .bool(true)))
                }
            )
        case "candidate": (.candidate(name), { .candidate($0.text ?? "") })
        case "providers": (.providers(name), { .names(list($0)) })
        case "path": (.path(name), { .path(state($0)) })
        case "target": (.target(name), { .path(state($0)) })
        case "clock": (.clock, { .clock(int($0)) })
        case "user": (.user(name), { .user(user($0)) })
        case "group": (.group(name), { .group(GroupState(name: name, gid: int($0["gid"] ?? .null))) })
        case "shadow": (.shadow(name), { .shadow(ShadowState(hash: $0["hash"]?.text ?? "")) })
        case "unit": (.unit(name), { .unit(UnitState(properties($0))) })
        case "query": (.query(name), { .output(status: int($0), text: "") })
        default: nil
        }
    }

    private static func int(_ value: Value) -> Int { if case .int(let number) = value { number } else { 0 } }

    private static func list(_ value: Value) -> [String] {
        if case .list(let elements) = value { elements.compactMap(\.text) } else { [] }
    }

    private static func properties(_ value: Value) -> [String: String] {
        guard case .map(let fields) = value else { return [:] }
        return Dictionary(uniqueKeysWithValues: fields.map { ($0.key.text ?? "", $0.value.text ?? "") })
    }

    private static func state(_ value: Value) -> PathState {
        let kind: FileKind = value["kind"]?.text == "directory" ? .directory : .file
        var state = PathState(kind, mode: UInt16(value["mode"]?.text ?? "", radix: 8) ?? 0)
        state.modified = Double(int(value["modified"] ?? .null))
        return state
    }

    private static func user(_ value: Value) -> UserState {
        UserState(
            name: value["name"]?.text ?? "", uid: int(value["uid"] ?? .null), gid: int(value["gid"] ?? .null),
            home: value["home"]?.text ?? "", shell: value["shell"]?.text ?? "",
            primaryGroup: value["primaryGroup"]?.text, groups: list(value["groups"] ?? .null))
    }
}

@Test func goldenCasesAreThere() { #expect(GoldenCase.all.count > 40) }

@Test(arguments: GoldenCase.all)
func decidesAs(_ example: GoldenCase) throws {
    let type = try #require(ModuleCatalog.module(named: example.value["module"]?.text ?? ""))
    guard case .map(let fields)? = example.value["arguments"] else { throw TestFailure("no arguments") }
    let written = Variables(uniqueKeysWithValues: fields.map { ($0.key.text ?? "", $0.value) })
    let module = try type.init(type.specification.arguments(written, at: SourceLocation(file: "t.yml")), .test())
    let snapshot = try example.snapshot()
    #expect(snapshot.missing(module.probes(given: snapshot)).isEmpty)
    let expected = example.value
    switch try module.step(snapshot) {
    case .converged(let result):
        #expect(expected["step"] == .string("converged"))
        #expect(!result.changed && !result.failed)
    case .failed(let result):
        #expect(expected["step"] == .string("failed"))
        #expect(result.message == expected["says"]?.text)
    case .skipped: Issue.record("skipped")
    case .change(let change):
        #expect(expected["step"] == .string("change"))
        #expect(change.predicted.changed == (expected["changed"] != .bool(false)))
        guard case .list(let lines)? = expected["script"] else { return }
        #expect(change.script.split(separator: "\n").map(String.init) == lines.compactMap(\.text))
        guard let diff = expected["diff"]?.text else { return }
        let shown = change.diffs.map { diff in
            (diff.before ?? "").split(separator: "\n").map { "-\($0)\n" }.joined()
                + (diff.after ?? "").split(separator: "\n").map { "+\($0)\n" }.joined()
        }
        #expect(shown.joined() == diff)
    }
}
