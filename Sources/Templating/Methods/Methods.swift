extension Object {
    /// The method `name` of a Python object of this type.
    func method(_ name: String) -> Object? {
        switch self {
        case .string(let text):
            guard let body = StringMethods.all[name] else { return nil }
            return .callable(Callable(name) { try body(text, MethodCall($0)) })
        case .list(let list):
            guard let body = ListMethods.all[name] else { return nil }
            return .callable(Callable(name, acceptsMarkers: true) { try body(list, MethodCall($0)) })
        case .dict(let dict):
            guard let body = DictMethods.all[name] else { return nil }
            return .callable(Callable(name, acceptsMarkers: true) { try body(dict, MethodCall($0)) })
        case .mapping(let mapping): return mappingMethod(mapping, name)
        case .tuple(let tuple):
            switch name {
            case "index", "count":
                return .callable(Callable(name) { try ListMethods.find(name, tuple.items, MethodCall($0)) })
            default: return nil
            }
        case .int(let number): return NumberMethods.method(name, number)
        case .double(let number):
            return name == "is_integer" ? .callable(Callable(name) { _ in .bool(number == number.rounded()) }) : nil
        case .moment(let moment): return MomentMethods.attribute(name, moment)
        default: return nil
        }
    }

    private func mappingMethod(_ mapping: MappingObject, _ name: String) -> Object? {
        switch name {
        case "keys": .callable(Callable(name) { _ in .strings(try mapping.mapping.keys) })
        case "values": .callable(Callable(name) { _ in .list(try mapping.pairs().map(\.value)) })
        case "items":
            .callable(Callable(name) { _ in .list(try mapping.pairs().map { .tuple([$0.key.object, $0.value]) }) })
        case "get":
            .callable(
                Callable(name) { arguments in
                    let call = MethodCall(arguments)
                    guard case .string(let key) = try call.required(0) else { return call[1] ?? .none }
                    return try mapping.value(key) ?? call[1] ?? .none
                })
        default: nil
        }
    }
}

/// What a method is given.
struct MethodCall {
    let arguments: CallArguments

    init(_ arguments: CallArguments) { self.arguments = arguments }

    /// A positional argument.
    subscript(index: Int) -> Object? {
        arguments.positional.indices.contains(index) ? arguments.positional[index] : nil
    }

    /// An argument given by place or name.
    func value(_ index: Int, _ name: String) -> Object? {
        self[index] ?? arguments.named.first { $0.name == name }?.value
    }

    func required(_ index: Int) throws -> Object {
        guard let value = self[index] else {
            throw TemplateError.type("expected at least \(index + 1) argument(s), got \(arguments.positional.count)")
        }
        return value
    }

    func text(_ index: Int) throws -> String {
        guard case .string(let text) = try required(index).needed() else {
            throw TemplateError.type("argument must be str, not \(try required(index).typeName)")
        }
        return text
    }

    func integer(_ index: Int, _ name: String, default fallback: Int) throws -> Int {
        guard let value = value(index, name) else { return fallback }
        guard let number = value.integer else {
            throw TemplateError.type("'\(value.typeName)' object cannot be interpreted as an integer")
        }
        return number
    }
}
