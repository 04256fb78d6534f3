import Fleet
import Inventories
import Values

/// What stands under keys of gates.
extension ServiceFileFields {
    /// `5%`, as a share of one.
    func share(_ key: String) throws(InputError) -> Double? {
        guard let value = self[key] else { return nil }
        let number = value.text.flatMap { $0.hasSuffix("%") ? Double($0.dropLast()) : nil }
        guard let number, number >= 0, number <= 100 else {
            throw InputError("\(key) must be a percentage such as 5%, but is \(value.summary)", at: value.location)
        }
        return number / 100
    }

    /// A number within the bounds of the key that need not be whole.
    func decimal(_ key: String) throws(InputError) -> Double? {
        guard let value = self[key] else { return nil }
        guard case .decimal(let bounds)? = keys.keys.first(where: { $0.name == key })?.kind else { return nil }
        let number: Double? =
            switch value.content {
            case .scalar(.int(let number)): Double(number)
            case .scalar(.double(let number)): number
            default: nil
            }
        guard let number, bounds.contains(number) else {
            throw InputError(
                "\(key) must be a number from \(bounds.lowerBound) to \(bounds.upperBound), but is \(value.summary)",
                at: value.location)
        }
        return number
    }

    /// One of `words`.
    func word(_ key: String, of words: [String]) throws(InputError) -> String? {
        guard let word = try optionalText(key) else { return nil }
        guard words.contains(word) else {
            throw InputError(
                "\(key) is one of \(words.joined(separator: " and ")), but is '\(word)'", at: place(key),
                hints: NearestNames.hints(for: word, among: words))
        }
        return word
    }

    /// What too few requests come to.
    func takeNoData(into policy: inout NoDataPolicy) {
        take("on_no_data", into: &policy) { fields, key throws(InputError) in
            try fields.word(key, of: NoDataPolicy.allCases.map(\.rawValue)).flatMap(NoDataPolicy.init)
        }
    }
}

extension SourceNode {
    /// Whether it is `false`.
    var isFalse: Bool {
        if case .scalar(.bool(false)) = content { true } else { false }
    }
}
