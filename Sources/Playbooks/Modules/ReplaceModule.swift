import Fleet
import OrderedCollections

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
    private let replacement: [UInt16]
    private let section: PythonPattern?
    private let sectionText: String

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        edit = try FileEdit(
            arguments, context, creates: false, telling: .init(showsChange: true, fields: ["rc": .int(0)]))
        replacement = Array((try arguments.string("replace") ?? "").utf16)
        sectionText = try Self.section(after: arguments.string("after"), before: arguments.string("before"))
        do {
            pattern = try PythonPattern(arguments.required("regexp"), over: .text, multiline: true)
            section = try sectionText.isEmpty ? nil : PythonPattern(sectionText, over: .text, dotMatchesNewline: true)
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
            let units = Array(text.utf16)
            guard let range = try range(in: units) else {
                return FileEdit.Outcome(
                    bytes: bytes,
                    message: "Pattern for before/after params did not match the given file: \(sectionText)")
            }
            let (replaced, count) = try replace(in: Array(units[range]))
            guard count > 0, replaced != Array(units[range]) else { return FileEdit.Outcome(bytes: bytes, message: "") }
            let result = Array(units[..<range.lowerBound]) + replaced + Array(units[range.upperBound...])
            return FileEdit.Outcome(
                bytes: Array(String(decoding: result, as: UTF16.self).utf8), message: "\(count) replacements made")
        }
    }

    private func range(in units: [UInt16]) throws(InputError) -> Range<Int>? {
        guard let section else { return 0..<units.count }
        return try section.firstMatch(in: units)?.range(of: "subsection")
    }

    private func replace(in units: [UInt16]) throws -> (units: [UInt16], count: Int) {
        var result: [UInt16] = []
        var end = 0
        let matches = try pattern.matches(in: units)
        for match in matches {
            result += units[end..<match.range.lowerBound]
            result += try match.expand(replacement)
            end = match.range.upperBound
        }
        return (result + units[end...], matches.count)
    }
}
