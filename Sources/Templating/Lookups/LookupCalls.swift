import Fleet
import OrderedCollections
import Values

/// `lookup()` and `query()`.
extension Evaluator {
    /// A call in the text of a template: there, strings among the terms may hold templates.
    func lookup(function: String, _ arguments: Arguments, line: Int) throws -> Object {
        let outer = rendersStrings
        rendersStrings = true
        let values: CallArguments
        do {
            defer { rendersStrings = outer }
            values = try evaluated(arguments)
        }
        self.line = line
        return try caught { try lookup(function: function, values) }
    }

    func lookup(function: String, _ arguments: CallArguments) throws -> Object {
        guard let first = arguments.positional.first else { throw TemplateError.filter("lookup needs a name") }
        var options = arguments.named
        let name = Lookups.plainName(try first.text())
        func take(_ key: String) -> Object? {
            guard let index = options.firstIndex(where: { $0.name == key }) else { return nil }
            return options.remove(at: index).value
        }
        let wantsList = try function != "lookup" || take("wantlist")?.isTrue() ?? false
        _ = take("wantlist")
        let errors = try take("errors")?.text() ?? "strict"
        let terms = Array(arguments.positional.dropFirst())
        guard Lookups.pure[name] != nil || session.environment.lookups[name] != nil else { throw unknownLookup(name) }
        if name != "first_found", name != "env" {
            let given = CallArguments(positional: terms, named: options)
            if let marker = given.firstMarker { return .marker(marker) }
        }
        do {
            let found = try answers(name, terms, options)
            return wantsList ? .list(found) : Self.single(found)
        } catch let error as TemplateError where errors != "strict" {
            _ = error
            return wantsList ? .list([Object]()) : .none
        }
    }

    private func answers(
        _ name: String, _ terms: [Object], _ options: [(name: String, value: Object)]
    ) throws -> [Object] {
        if let lookup = Lookups.pure[name] {
            return try lookup(Lookups.Call(terms: terms, options: options, evaluator: self))
        }
        guard let lookup = session.outside.lookups[name] else { throw unknownLookup(name) }
        var values = OrderedDictionary<String, Value>()
        for (name, value) in options { values[name] = try value.finished() }
        // Undefined terms of `first_found` are left out.
        let finished = try terms.compactMap { term -> Value? in
            if case .marker(let marker) = term, marker.isUndefined { return nil }
            return try term.finished()
        }
        let call = TemplateEnvironment.LookupCall(
            terms: finished, options: values, location: origin.location(line: line))
        do {
            return try lookup(call).map { try session.object(from: $0.withoutTemplates) }
        } catch let error as TemplateError {
            throw error
        } catch let error as any ExplainedError {
            throw TemplateError(.filter, "lookup '\(name)' failed: \(error.message)", hints: error.hints)
        }
    }

    /// One answer is itself; several texts are joined with commas.
    private static func single(_ found: [Object]) -> Object {
        if found.count == 1 { return found[0] }
        var texts: [String] = []
        for case .string(let text) in found { texts.append(text) }
        return texts.count == found.count && !found.isEmpty ? .string(texts.joined(separator: ",")) : .list(found)
    }

    private func unknownLookup(_ name: String) -> TemplateError {
        let names = Set(Lookups.pure.keys).union(session.environment.lookups.keys)
        return TemplateError(.filter, "unknown lookup '\(name)'", hints: NearestNames.hints(for: name, among: names))
    }
}
