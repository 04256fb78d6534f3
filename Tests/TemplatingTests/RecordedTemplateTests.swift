import Fleet
import Foundation
import OrderedCollections
import TestSupport
import Testing
import Values

@testable import Templating

/// What ansible-core 2.19 answered to the template `source`.
struct RecordedTemplate: Sendable, CustomTestStringConvertible {
    enum Answer: Equatable, Sendable {
        case value(String)
        case omitted
        case error(String)
    }

    let id: String
    let kind: String
    let source: Value
    let variables: Variables
    let expected: Answer

    var testDescription: String { id }

    private static var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Vectors")
    }

    static let all: [RecordedTemplate] = lines("templates.jsonl").map { RecordedTemplate(item: item($0)) }

    /// Many expressions over a few variables, which the first line gives.
    static let expressions: [RecordedTemplate] = ["expressions-1.jsonl", "expressions-2.jsonl"].flatMap { name in
        let items = lines(name).map(item)
        return items.dropFirst().map { RecordedTemplate(item: $0, variables: items[0]["vars"]) }
    }

    /// Items that Drover answers otherwise, each with its reason.
    static let differing: Set<String> = Set(
        lines("differs.txt").filter { !$0.hasPrefix("#") }.compactMap {
            $0.split(separator: " ").first.map(String.init)
        })

    private static func lines(_ name: String) -> [String] {
        do {
            let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
            return text.split(separator: "\n").map(String.init)
        } catch {
            Issue.record("can't read \(name): \(error)")
            return []
        }
    }

    private static func item(_ line: String) -> Value {
        do {
            return try PlainJSON.read(line)
        } catch {
            Issue.record("bad line: \(error)")
            return .null
        }
    }

    init(item: Value, variables given: Value? = nil) {
        id = item["id"]?.text ?? "?"
        kind = item["kind"]?.text ?? "?"
        source = item["template"] ?? .null
        var variables: Variables = [:]
        if case .map(let fields)? = given ?? item["vars"] {
            for (key, value) in fields { variables[key.text ?? ""] = value.trusted }
        }
        if case .map(let fields)? = item["untrusted"] {
            for (key, value) in fields { variables[key.text ?? ""] = value }
        }
        self.variables = variables
        if let kind = item["error"]?.text {
            expected = .error(kind)
        } else if item["omitted"] == .bool(true) {
            expected = .omitted
        } else {
            expected = .value(PlainJSON.canonical(item["expected"] ?? .null))
        }
    }

    /// What Drover answers.
    func answer(_ templater: Templater) throws -> Answer {
        do {
            switch kind {
            case "when":
                return .value(PlainJSON.canonical(.bool(try templater.condition(source.trusted, in: variables))))
            case "file":
                let text = try templater.file(source.text ?? "", name: "file.j2", in: variables)
                return .value(PlainJSON.canonical(.string(text)))
            default:
                let value = try templater.evaluate(source.trusted, in: variables)
                return value.map { .value(PlainJSON.canonical($0)) } ?? .omitted
            }
        } catch let error as TemplateError {
            return .error(error.code.rawValue)
        }
    }
}

extension Value {
    /// Every text in it taken as a trusted file's.
    var trusted: Value {
        switch self {
        case .string(let text): .trusted(text)
        case .list(let items): .list(items.map(\.trusted))
        case .map(let fields): .map(.init(uniqueKeysWithValues: fields.map { ($0.key, $0.value.trusted) }))
        default: self
        }
    }
}

@Suite struct RecordedTemplateTests {
    private static let templater = Templater()

    @Test(arguments: RecordedTemplate.all) func answersAsAnsibleDoes(_ item: RecordedTemplate) throws {
        try check(item)
    }

    @Test func evaluatesExpressionsAsAnsibleDoes() throws {
        try #require(RecordedTemplate.expressions.count > 2000 && RecordedTemplate.all.count > 409)
        for item in RecordedTemplate.expressions { try check(item) }
    }

    /// Of the kinds of errors, undefined values and the rest are told apart: Ansible's own vary from place to place.
    private func agrees(_ answer: RecordedTemplate.Answer, _ expected: RecordedTemplate.Answer) -> Bool {
        if case .error(let kind) = answer, case .error(let recorded) = expected {
            return (kind == "undefined") == (recorded == "undefined")
        }
        return answer == expected
    }

    private func check(_ item: RecordedTemplate) throws {
        let answer = try item.answer(Self.templater)
        if RecordedTemplate.differing.contains(item.id) {
            #expect(!agrees(answer, item.expected), "\(item.id) agrees by now: take it out of differs.txt")
        } else {
            #expect(agrees(answer, item.expected), "\(item.id): \(answer), not \(item.expected): \(item.source)")
        }
    }
}
