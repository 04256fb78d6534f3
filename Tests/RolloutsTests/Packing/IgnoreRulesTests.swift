import Fleet
import Foundation
import TestSupport
import Testing

@testable import Rollouts

/// `.droverignore` against what git makes of the same lines.
@Suite struct IgnoreRulesTests {
    private static let tree = [
        "a.log", "b.txt", "build/a.log", "build/keep/b.txt", "docs/a b", "docs/trailing ", "docs/deep/er/x.o",
        "src/a.c",
        "src/build", "src/vendor/a.c", "src/[x]", "src/!bang", "#hash", "x.o", "doc/x.o", "foo/bar/baz", "foo/a/b/baz",
        "z/foo/bar/q", "a1", "a2", "ab", "ö.txt", "back\\slash",
    ]

    @Test(
        arguments: [
            "*.log", "build/", "/build", "build", "build/*\n!build/keep", "build/**\n!build/keep/", "docs/trailing\\ ",
            "docs/trailing ", "**/x.o", "docs/**", "docs/**/x.o", "foo/**/baz", "**/foo/bar", "/x.o", "a[0-9]",
            "a[!0-9]",
            "a[^1]", "?.txt", "\\#hash", "#hash", "src/\\!bang", "*\n!*/\n!*.c", "*.c\n!vendor/*.c", "src/\\[x\\]",
            "foo/*",
            "foo/*/baz", "**", "**/", "/*\n!/src", "!a.log\n*.log", "\n\n  \n*.txt  ", "foo/bar/baz/", "foo/**/",
            "b\\.txt",
            "z/**/q", "back\\\\slash", "*/x.o", "x.o/", "docs/deep/**/er", "a*b", "ö.txt", "foo//bar", "/", "!",
        ])
    func leavesOutWhatGitLeavesOut(_ lines: String) async throws {
        try await withTemporaryFolder { folder in
            for name in Self.tree {
                let file = folder.appendingPathComponent(name)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data().write(to: file)
            }
            for name in [".gitignore", ".droverignore"] {
                try lines.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            let script = """
                git init -q . && git -c core.quotePath=false ls-files -z --others --exclude-standard | tr '\\0' '\\n'
                """
            let listed = try await DroverProgram.run(["env", "-C", folder.path, "HOME=/", "sh", "-c", script])
                .succeeded()
            let expected = listed.output.split(separator: "\n").map(String.init)
                .filter { $0 != ".droverignore" && $0 != ".gitignore" }.sorted()
            #expect(try packed(folder.path) == expected)
        }
    }

    /// The files that go into a build; none where nothing is left.
    private func packed(_ folder: String) throws -> [String] {
        do {
            return try FolderWalk(folder, excluding: []).entries.filter { $0.member.kind != .folder }.map(\.path)
                .filter { $0 != ".gitignore" }.sorted()
        } catch {
            guard error.message.hasPrefix("there is nothing in the folder") else { throw error }
            return []
        }
    }
}
