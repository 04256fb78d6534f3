import Fleet
import OrderedCollections
import Values

/// Reading arguments as Ansible's argument specifications coerce them.
extension ModuleArguments {
    /// Whether the parameter was given; `null` counts as not given.
    func has(_ name: String) -> Bool { self[name] != nil }

    /// The value as given, `nil` for `null` too.
    subscript(name: String) -> Value? {
        guard let value = values[name], value != .null else { return nil }
        return value
    }

    /// Text; numbers and booleans are printed as Python prints them.
    func string(_ name: String) throws(InputError) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.plainText else { throw wrong(name, "must be text") }
        return text
    }

    /// Text that must be there and not be empty.
    func required(_ name: String) throws(InputError) -> String {
        guard let text = try string(name), !text.isEmpty else {
            throw InputError("parameter '\(name)' is missing", at: location)
        }
        return text
    }

    /// Text, one of `choices`.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _: Choice.Type = Choice.self
    ) throws(InputError) -> Choice? where Choice.RawValue == String {
        guard let text = try string(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw wrong(name, "must be one of: \(choices), not '\(text)'")
        }
        return choice
    }

    /// A boolean in any of Ansible's spellings.
    func bool(_ name: String, default fallback: Bool = false) throws(InputError) -> Bool {
        try optionalBool(name) ?? fallback
    }

    /// A boolean in any of Ansible's spellings, `nil` when not given.
    func optionalBool(_ name: String) throws(InputError) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let bool = value.boolean(in: .argument) else {
            throw wrong(name, "must be true or false, not '\(value.plainText ?? "a collection")'")
        }
        return bool
    }

    /// A whole number.
    func int(_ name: String) throws(InputError) -> Int? {
        guard let value = self[name] else { return nil }
        switch value {
        case .int(let number): return number
        case .double(let number) where number.rounded() == number && abs(number) < 1e15: return Int(number)
        case .bool(let flag): return flag ? 1 : 0
        default:
            guard let number = value.text.flatMap({ Int($0.filter { $0 != " " }) }) else {
                throw wrong(name, "must be a whole number")
            }
            return number
        }
    }

    /// A list; text is split at commas, a number is a list of one.
    func list(_ name: String) throws(InputError) -> [Value]? {
        guard let value = self[name] else { return nil }
        switch value {
        case .list(let elements): return elements
        case .string, .template:
            return (value.text ?? "").split(separator: ",", omittingEmptySubsequences: false).map {
                .string(String($0))
            }
        case .int, .double: return [value]
        default: throw wrong(name, "must be a list")
        }
    }

    /// A list of texts, each without spaces around it; empty ones are left out.
    func strings(_ name: String) throws(InputError) -> [String]? {
        guard let elements = try list(name) else { return nil }
        var texts: [String] = []
        for element in elements where element != .null {
            guard let text = element.plainText else { throw wrong(name, "must be a list of texts") }
            texts.append(text.stripped)
        }
        return texts.filter { !$0.isEmpty }
    }

    /// A mapping's fields.
    func map(_ name: String) throws(InputError) -> Variables? {
        guard let value = self[name] else { return nil }
        guard case .map(let fields) = value else { throw wrong(name, "must be a mapping") }
        var variables: Variables = [:]
        for (key, value) in fields { variables[key.plainText ?? ""] = value }
        return variables
    }

    /// Permission bits, absolute or relative.
    func mode(_ name: String = "mode") throws(InputError) -> FileMode? {
        guard let value = self[name] else { return nil }
        do {
            return try FileMode(value)
        } catch {
            throw InputError("parameter '\(name)': \(error.message)", at: location, hints: error.hints)
        }
    }

    /// A path: text without a trailing newline, never empty. `~` stands for the home folder only on the host.
    func path(_ name: String) throws(InputError) -> String? {
        guard let text = try string(name) else { return nil }
        guard !text.isEmpty else { throw wrong(name, "must not be empty") }
        guard !text.utf8.contains(0) else { throw wrong(name, "must not hold a NUL character") }
        return text
    }

    /// A path that must be there.
    func requiredPath(_ name: String) throws(InputError) -> String {
        guard let path = try path(name) else { throw InputError("parameter '\(name)' is missing", at: location) }
        return path
    }

    /// An error about one parameter.
    func wrong(_ name: String, _ what: String, hints: [String] = []) -> InputError {
        InputError("parameter '\(name)' \(what)", at: location, hints: hints)
    }
}
