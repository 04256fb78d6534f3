import Fleet
import Inventories
import OrderedCollections
import TaskModules
import Values

/// A role's own description of its variables: `meta/argument_specs.yml`.
extension PlaybookReader {
    /// The task that checks a role's variables before its first task, as Ansible inserts it; none when the role does not
    /// describe them. Presence and choices are checked; kinds are left to the tasks that use the values.
    mutating func argumentCheck(
        of source: RoleSource, _ use: RoleUse, _ place: ReadingPlace
    ) throws(InputError) -> [PlayNode] {
        let entry = use.files["tasks"]?.text.map { $0.replacing(/\.ya?ml$/, with: "") } ?? "main"
        guard let specification = try argumentSpecification(of: source)?[entry] else { return [] }
        var expressions: [Value] = []
        for (name, option) in try specification["options"]?.fields(of: "options") ?? [] {
            expressions += try conditions(on: name, option)
        }
        guard let module = ModuleCatalog.module(named: "assert") else { return [] }
        var settings = place.settings
        settings.tags.append("always")
        let what = specification["short_description"]?.text.map { " - \($0)" } ?? ""
        let call = ModuleCall(
            module: module, specification: module.specification,
            arguments: ArgumentTemplates(named: ["that": .list(expressions.isEmpty ? [.bool(true)] : expressions)]))
        return [
            .task(
                PlayTask(
                    id: newID(), name: .string("Validating arguments against arg spec '\(entry)'\(what)"),
                    location: specification.location, action: .module(call), settings: settings))
        ]
    }

    private func argumentSpecification(of source: RoleSource) throws(InputError) -> SourceNode? {
        for name in ["argument_specs", "main"] {
            guard let file = FileSearch.yaml(FileSearch.join(source.path, "meta", name)) else { continue }
            if let node = try YAMLReader.read(file: file)?["argument_specs"] { return node }
        }
        return nil
    }

    private func conditions(on name: String, _ option: SourceNode) throws(InputError) -> [Value] {
        guard Self.isVariableName(name) else {
            throw InputError("'\(name)' is not a name for a variable", at: option.location)
        }
        var conditions: [Value] = []
        let hasDefault = option["default"] != nil
        if try option["required"]?.flag(of: "required") == true, !hasDefault {
            conditions.append(.string("\(name) is defined"))
        }
        if let choices = option["choices"]?.value, case .list = choices, !choices.holdsTemplate {
            let list = choices.json()
            let elements = "(\(name) if \(name) is iterable and \(name) is not string else [\(name)])"
            conditions.append(.string("\(name) is not defined or \(elements) | difference(\(list)) | length == 0"))
        }
        return conditions
    }
}
