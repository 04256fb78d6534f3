public import Fleet
public import OrderedCollections
public import Values

extension ModuleSpecification {
    /// Full names under which a task may call the module.
    public var names: [String] {
        let own =
            collection == "ansible.builtin"
            ? ["\(collection).\(name)", "ansible.legacy.\(name)"] : ["\(collection).\(name)"]
        return [name] + own
    }

    /// The parameter that `name` or one of its aliases stands for.
    public func parameter(_ name: String) -> Parameter? {
        parameters.first { $0.name == name } ?? parameters.first { $0.aliases.contains(name) }
    }

    /// Checks arguments as they stand in a playbook, before anything is known of a host.
    ///
    /// Names are checked always, values only when they hold no template.
    /// - Returns: The values under their parameters' first names.
    /// - Throws: ``InputError`` for an unknown parameter (with the nearest known one), a missing one, a value that is no
    ///   choice or cannot be read as its parameter's kind, and a free form the module does not take.
    @discardableResult
    public func validate(
        _ written: Variables, freeForm: String? = nil, at location: SourceLocation
    ) throws(InputError) -> Variables {
        if let freeForm, !takesFreeForm {
            throw InputError(
                "module '\(name)' takes parameters, not the text '\(freeForm)'", at: location,
                hints: ["write the parameters as 'name: value' below it"])
        }
        var values: Variables = [:]
        for (key, value) in written {
            guard let parameter = parameter(key) else {
                guard takesAnyParameter else { throw unknown(key, at: location) }
                values[key] = value
                continue
            }
            guard values[parameter.name] == nil || key == parameter.name else { continue }
            values[parameter.name] = value
            try check(value, of: parameter, at: location)
        }
        for parameter in parameters where parameter.isRequired && values[parameter.name] == nil {
            let given = values.isEmpty ? "no parameter" : values.keys.map { "'\($0)'" }.joined(separator: ", ")
            throw InputError(
                "module '\(name)' needs parameter '\(parameter.name)'", at: location,
                hints: ["the task gives \(given); add '\(parameter.name)'"])
        }
        try checkSets(values, freeForm, at: location)
        return values
    }

    private func checkSets(_ values: Variables, _ freeForm: String?, at location: SourceLocation) throws(InputError) {
        let given = Set(values.filter { $0.value != .null }.keys).union(freeForm == nil ? [] : ["free_form"])
        for set in oneOf where given.isDisjoint(with: set) {
            throw InputError("module '\(name)' needs one of: \(set.joined(separator: ", "))", at: location)
        }
        for set in exclusive where given.intersection(set).count > 1 {
            let names = set.filter(given.contains).map { "'\($0)'" }.joined(separator: " and ")
            throw InputError("parameters \(names) of '\(name)' cannot stand together", at: location)
        }
    }

    /// Checks arguments after templating; they may now all be judged.
    /// - Returns: What ``TaskModule/init(_:_:)`` takes.
    /// - Throws: ``InputError`` as ``validate(_:freeForm:at:)`` does.
    public func arguments(
        _ templated: Variables, freeForm: String? = nil, at location: SourceLocation
    ) throws(InputError) -> ModuleArguments {
        ModuleArguments(try validate(templated, freeForm: freeForm, at: location), freeForm: freeForm, at: location)
    }

    private func unknown(_ key: String, at location: SourceLocation) -> InputError {
        let known = parameters.flatMap { [$0.name] + $0.aliases }
        var hints = NearestNames.hints(for: key, among: known)
        if hints.isEmpty { hints = ["it takes: \(parameters.map(\.name).sorted().joined(separator: ", "))"] }
        return InputError("module '\(name)' has no parameter '\(key)'", at: location, hints: hints)
    }

    private func check(_ value: Value, of parameter: Parameter, at location: SourceLocation) throws(InputError) {
        guard value != .null, !value.holdsTemplate else { return }
        let arguments = ModuleArguments([parameter.name: value], at: location)
        switch parameter.kind {
        case .string, .path: _ = try arguments.string(parameter.name)
        case .bool: _ = try arguments.bool(parameter.name)
        case .int: _ = try arguments.int(parameter.name)
        case .list: _ = try arguments.list(parameter.name)
        case .map: _ = try arguments.map(parameter.name)
        case .raw: break
        }
        if parameter.name == "mode" { _ = try arguments.mode() }
        guard !parameter.choices.isEmpty, parameter.kind != .list, let text = value.plainText,
            !parameter.choices.contains(text), parameter.matchingChoice(value) == nil
        else { return }
        throw InputError(
            "parameter '\(parameter.name)' of '\(name)' cannot be '\(text)'", at: location,
            hints: NearestNames.hints(for: text, among: parameter.choices)
                + ["it can be: \(parameter.choices.joined(separator: ", "))"])
    }
}

extension ModuleSpecification.Parameter {
    /// A boolean stands for the one choice that is spelt like it: YAML reads a bare `yes` as true.
    func matchingChoice(_ value: Value) -> String? {
        guard case .bool(let flag) = value else { return nil }
        let matching = choices.filter { Value.boolean(word: $0, in: .argument) == flag }
        return matching.count == 1 ? matching.first : nil
    }
}
