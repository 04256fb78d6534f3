import Fleet
import Foundation
import Inventories
import OrderedCollections
import TaskModules
import Values

/// Checks the arguments of a module as far as they are known before the run.
extension PlaybookReader {
    func check(
        _ arguments: ArgumentTemplates, of specification: ModuleSpecification, _ source: ActionSource,
        _ settings: TaskSettings
    ) throws(InputError) {
        var known: Variables = [:]
        for case .map(let defaults) in settings.moduleDefaults {
            for name in specification.names {
                guard case .map(let fields)? = defaults[.string(name)] else { continue }
                for (key, value) in fields { known[key.text ?? ""] = value }
            }
        }
        known.merge(arguments.named) { _, own in own }
        // What a whole-argument template will bring is known only when it runs.
        guard arguments.whole == nil else { return }
        try specification.validate(known, freeForm: arguments.freeForm?.text, at: source.location)
        try checkExpressions(known, of: specification, at: source.location)
        try checkFiles(known, arguments.freeForm, of: specification, at: source.location, settings)
    }

    /// `assert`'s `that` and `debug`'s `var` hold expressions without braces.
    private func checkExpressions(
        _ arguments: Variables, of specification: ModuleSpecification, at location: SourceLocation
    ) throws(InputError) {
        let value: Value? =
            switch specification.name {
            case "assert": arguments["that"]
            case "debug": arguments["var"]
            default: nil
            }
        let expressions: [Value] = if case .list(let list)? = value { list } else { value.map { [$0] } ?? [] }
        for case .string(let text) in expressions {
            try templates.check(expression: TemplateText(text, at: location))
        }
    }

    /// Literal names of files on this machine must be there, and template files must parse.
    private func checkFiles(
        _ arguments: Variables, _ freeForm: Value?, of specification: ModuleSpecification,
        at location: SourceLocation, _ settings: TaskSettings
    ) throws(InputError) {
        guard let kind = Self.folders[specification.name] else { return }
        if let remote = arguments["remote_src"], remote.boolean(in: .argument) != false { return }
        if specification.name == "assemble", arguments["remote_src"] == nil { return }
        var name: String?
        if case .string(let text)? = arguments["src"] { name = text }
        if specification.name == "script", case .string(let line)? = arguments["cmd"] ?? freeForm {
            name = try KeyValueText.words(line, at: location).first
        }
        guard let name, !name.contains("://"), !name.isEmpty else { return }
        let path = try FileSearch.require(name, kind: kind, in: settings.searchFolders, at: location)
        guard kind == "templates" else { return }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError("the file '\(path)' can't be read", at: location)
        }
        try templates.check(file: path, text: String(decoding: data, as: UTF8.self))
    }

    private static let folders: [String: String] = [
        "copy": "files", "template": "templates", "script": "files", "unarchive": "files", "assemble": "files",
    ]
}
