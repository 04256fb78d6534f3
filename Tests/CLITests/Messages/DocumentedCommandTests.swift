import Foundation
import TestSupport
import Testing

@testable import CLI

/// The commands in examples of README and docs.
@Suite struct DocumentedCommandTests {
    struct Line: Sendable, CustomTestStringConvertible {
        let page: String
        let text: String
        var testDescription: String { "\(page): \(text)" }
    }

    static let all: [Line] = pages.flatMap { page in
        // Pages that cannot be read leave too few lines, which a test below tells.
        let text = (try? String(contentsOf: DroverProgram.repository.appending(path: page), encoding: .utf8)) ?? ""
        let lines = text.replacing(#/ \\\n\s*/#, with: " ").split(separator: "\n")
        return lines.compactMap { $0.firstMatch(of: /^(?: {4,}|\t)?(?:\$ )?(drover .*)$/)?.1 }
            .map { Line(page: page, text: String($0)) }
    }

    private static var pages: [String] {
        let folder = DroverProgram.repository.appending(path: "docs").path
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ["README.md"] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    }

    @Test func thereAreMany() { #expect(Self.all.count > 30) }

    @Test(arguments: all) func areTakenByTheProgram(_ line: Line) throws {
        _ = try WrittenCommand(line.text).parsed()
    }
}
