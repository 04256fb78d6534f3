import Fleet
import OrderedCollections
import Values

/// Every match of a pattern in a file gives way to something else.
struct ReplaceModule: TaskModule {
    /// Parameters of `replace`.
    static let specification = ModuleSpecification(
        "replace",
        parameters: [
            .init("path", .path, aliases: ["dest", "destfile", "name"], required: true),
            .init("regexp", required: true), .init("replace"), .init("after"), .init("before"),
            .init("backup", .bool), .init("validate"), .init("encoding", choices: ["utf-8", "utf8", "UTF-8"]),
        ] + FileAttributes.parameters)

    private let edit: FileEdit
    private let pattern: PythonPattern
    private let replacement: PatternReplacement
    private let section: PythonPattern?
    private let sectionText: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        edit = try FileEdit(
            arguments, context, creates: false, telling: .init(showsChange: true, fields: ["rc": .int(0)]))
        sectionText = try Self.section(after: arguments.string("after"), before: arguments.string("before"))
        do {
            pattern = try PythonPattern(arguments.required("regexp"), .isMultiline)
            section = try sectionText.isEmpty ? nil : PythonPattern(sectionText, .dotMatchesAll)
            replacement = try PatternReplacement(arguments.string("replace") ?? "", for: pattern)
        } catch {
            throw error.located(at: arguments.location)
        }
    }

    private static func section(after: String?, before: String?) -> String {
        switch (after ?? "", before ?? "") {
        case ("", ""): ""
        case (let after, ""): after + "(?P<subsection>.*)"
        case ("", let before): "(?P<subsection>.*)" + before
        case (let after, let before): after + "(?P<subsection>.*?)" + before
        }
    }

    func probes(given snapshot: Snapshot) -> [Probe] { edit.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step {
        try edit.step(snapshot, whenMissing: .creation) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else {
                return FileEdit.Outcome(bytes: bytes, message: "", failure: "the file is not UTF-8 text")
            }
            guard let (before, part, after) = try parts(of: text) else {
                return FileEdit.Outcome(
                    bytes: bytes,
                    message: "Pattern for before/after params did not match the given file: \(sectionText)")
            }
            let (replaced, count) = try pattern.replacing(in: part, with: replacement)
            // Bytes decide: to Swift, texts that look alike are equal.
            guard count > 0, !replaced.utf8.elementsEqual(part.utf8) else {
                return FileEdit.Outcome(bytes: bytes, message: "")
            }
            return FileEdit.Outcome(
                bytes: Array((before + replaced + after).utf8), message: "\(count) replacements made")
        }
    }

    /// The text cut at both ends of the section that `after` and `before` enclose.
    private func parts(of text: String) throws(InputError) -> (String, String, String)? {
        guard let section else { return ("", text, "") }
        guard let range = try section.firstMatch(in: text)?.range(of: "subsection") else { return nil }
        let start = text.utf16.index(text.startIndex, offsetBy: range.lowerBound)
        let end = text.utf16.index(start, offsetBy: range.count)
        return (String(text[..<start]), String(text[start..<end]), String(text[end...]))
    }
}
