import Fleet

/// What scalars with their tags come to, in a file.
struct YAMLScalars {
    let vault: Vault
    /// Whether the file was encrypted as a whole, so that its values are secrets.
    let isRevealed: Bool

    private static let standard = "tag:yaml.org,2002:"

    /// The value of a scalar.
    func value(of scalar: YAMLPlainScalar, _ event: YAMLEvent, isUnsafe: Bool) throws(InputError) -> Value {
        let value = try tagged(scalar, event, isUnsafe: isUnsafe)
        return isRevealed ? vault.revealed(value) : value
    }

    /// A scalar as the key of a mapping, which is never a template nor a secret.
    func value(ofKey scalar: YAMLPlainScalar, _ event: YAMLEvent) throws(InputError) -> Value {
        try tagged(scalar, event, isUnsafe: true)
    }

    private func tagged(
        _ scalar: YAMLPlainScalar, _ event: YAMLEvent, isUnsafe: Bool
    ) throws(InputError) -> Value {
        switch event.tag {
        case "": return untagged(scalar, event, isUnsafe: isUnsafe)
        case "!unsafe": return untagged(scalar, event, isUnsafe: true)
        case "!" where scalar.isPlain: return untagged(scalar, event, isUnsafe: isUnsafe)
        case "!", Self.standard + "str": return text(scalar.text, event, isUnsafe: isUnsafe)
        case "!vault", "!vault-encrypted": return vault.sealed(scalar.text, at: event.location)
        case Self.standard + "int", Self.standard + "float", Self.standard + "bool", Self.standard + "null":
            return try forced(scalar.text, to: String(event.tag.dropFirst(Self.standard.count)), at: event.location)
        case Self.standard + "timestamp": return .string(scalar.text)
        default: throw unknownTag(event)
        }
    }

    private func text(_ text: String, _ event: YAMLEvent, isUnsafe: Bool) -> Value {
        isUnsafe ? .string(text) : .trusted(text, at: event.location)
    }

    private func untagged(_ scalar: YAMLPlainScalar, _ event: YAMLEvent, isUnsafe: Bool) -> Value {
        guard scalar.isPlain else { return text(scalar.text, event, isUnsafe: isUnsafe) }
        let value = YAMLScalar.resolve(scalar.text)
        if case .string(let plain) = value { return text(plain, event, isUnsafe: isUnsafe) }
        return value
    }

    private func forced(_ text: String, to tag: String, at location: SourceLocation) throws(InputError) -> Value {
        switch (tag, YAMLScalar.resolve(text)) {
        case ("int", .int(let number)): return .int(number)
        case ("float", .double(let number)): return .double(number)
        case ("float", .int(let number)): return .double(Double(number))
        case ("bool", .bool(let flag)): return .bool(flag)
        case ("null", .null): return .null
        default: throw InputError("'\(text)' is tagged !!\(tag) but is none", at: location)
        }
    }

    /// Whether a collection's tag says that nothing in it is a template.
    /// - Throws: ``InputError`` for a tag that is neither that nor the collection's own.
    func marksUnsafe(_ event: YAMLEvent, known: String) throws(InputError) -> Bool {
        switch event.tag {
        case "", "!", Self.standard + known: return false
        case "!unsafe": return true
        default: throw unknownTag(event)
        }
    }

    private func unknownTag(_ event: YAMLEvent) -> InputError {
        let shown =
            event.tag.hasPrefix(Self.standard) ? "!!" + event.tag.dropFirst(Self.standard.count) : event.tag
        return InputError(
            "the YAML tag '\(shown)' is not known", at: event.location,
            hints: ["known tags are !unsafe, !vault, !!str, !!int, !!float, !!bool and !!null"])
    }
}
