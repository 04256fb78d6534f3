import Fleet
import Values

/// A filter or a test: a function of a subject and arguments that have names.
struct Plugin: Sendable {
    typealias Body = @Sendable (PluginCall) throws -> Object

    /// Names of the parameters after the subject.
    let parameters: [String]
    /// Whether further positional arguments are taken.
    let takesMore: Bool
    /// Whether further named arguments are taken.
    let takesMoreNamed: Bool
    /// Whether an undefined subject or argument is handed to it, instead of being its result.
    let acceptsMarkers: Bool
    let body: Body

    init(
        _ parameters: String..., more: Bool = false, moreNamed: Bool = false, markers: Bool = false,
        body: @escaping Body
    ) {
        self.parameters = parameters
        takesMore = more
        takesMoreNamed = moreNamed
        acceptsMarkers = markers
        self.body = body
    }

    func apply(to subject: Object, _ arguments: CallArguments, _ evaluator: Evaluator) throws -> Object {
        if !acceptsMarkers {
            if case .marker = subject { return subject }
            if let marker = arguments.firstMarker { return .marker(marker) }
        }
        return try body(try bound(subject, arguments, evaluator))
    }

    private func bound(_ subject: Object, _ arguments: CallArguments, _ evaluator: Evaluator) throws -> PluginCall {
        guard takesMore || arguments.positional.count <= parameters.count else {
            throw TemplateError.filter(
                "takes at most \(parameters.count) argument(s), \(arguments.positional.count) given")
        }
        var values: [Object?] = arguments.positional.prefix(parameters.count).map { $0 }
        values += Array(repeating: nil, count: parameters.count - values.count)
        var rest: [(name: String, value: Object)] = []
        for (name, value) in arguments.named {
            if let index = parameters.firstIndex(of: name) {
                guard values[index] == nil else { throw TemplateError.filter("got several values for '\(name)'") }
                values[index] = value
            } else if takesMoreNamed {
                rest.append((name, value))
            } else {
                throw TemplateError(
                    .filter, "got an unexpected keyword argument '\(name)'",
                    hints: NearestNames.hints(for: name, among: parameters))
            }
        }
        let more = Array(arguments.positional.dropFirst(parameters.count))
        return PluginCall(subject: subject, values: values, more: more, named: rest, evaluator: evaluator)
    }
}

/// What a filter or test is given.
struct PluginCall {
    let subject: Object
    /// The values of the parameters, in their order.
    let values: [Object?]
    let more: [Object]
    let named: [(name: String, value: Object)]
    let evaluator: Evaluator

    var session: Session { evaluator.session }

    subscript(index: Int) -> Object? { values[index] }

    /// An argument that must be there.
    func required(_ index: Int, _ name: String) throws -> Object {
        guard let value = values[index] else { throw TemplateError.filter("missing the argument '\(name)'") }
        return value
    }

    func text(_ index: Int, default fallback: String) throws -> String {
        switch values[index] {
        case nil: fallback
        case .some(let value): try value.text()
        }
    }

    func optionalText(_ index: Int) throws -> String? {
        switch values[index] {
        case nil, .some(.none): nil
        case .some(let value): try value.text()
        }
    }

    func flag(_ index: Int, default fallback: Bool = false) throws -> Bool {
        try values[index]?.isTrue() ?? fallback
    }

    func integer(_ index: Int, default fallback: Int) throws -> Int {
        try optionalInteger(index) ?? fallback
    }

    func optionalInteger(_ index: Int) throws -> Int? {
        switch values[index] {
        case nil, .some(.none): return nil
        case .some(let value):
            guard let number = value.integer else {
                throw TemplateError.filter("'\(value.typeName)' object cannot be interpreted as an integer")
            }
            return number
        }
    }

    /// The regular expression that `source` is.
    func pattern(_ source: String, ignoresCase: Bool = false, isMultiline: Bool = false) throws -> PythonPattern {
        var options: PythonPattern.Options = ignoresCase ? .ignoresCase : []
        if isMultiline { options.insert(.isMultiline) }
        return try session.pattern(source, options)
    }

    /// The subject's text; text of anything else too.
    func subjectText() throws -> String { try subject.text() }

    /// The subject, which must be text.
    func subjectString() throws -> String {
        guard case .string(let text) = subject else {
            throw TemplateError.filter("expected text, got '\(subject.typeName)'")
        }
        return text
    }
}
