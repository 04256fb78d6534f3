/// Where a value is asked whether it is true. The words that say so differ from place to place in Ansible itself; this is
/// the one list of them.
public enum BooleanPlace: Sendable, CaseIterable {
    /// An argument of `type: bool`, a keyword, a connection variable, the test `truthy` with `convert_bool`: Ansible's
    /// `boolean()`. Anything it does not know is no boolean.
    case argument
    /// An option of an action that is not strict: as ``argument``, and whatever that does not know is false.
    case lenientArgument
    /// The filter `bool`: whatever it does not know is false (and deprecated in Ansible).
    case filter
    /// An unquoted word of YAML 1.1.
    case yaml
    /// A word of Python, as in the values of an INI inventory.
    case python

    /// The words for true and for false.
    fileprivate var words: (true: Set<String>, false: Set<String>) {
        switch self {
        case .argument, .lenientArgument: Self.argumentWords
        case .filter: Self.filterWords
        case .yaml: Self.yamlWords
        case .python: Self.pythonWords
        }
    }

    private static let argumentWords: (Set<String>, Set<String>) = (
        ["yes", "on", "true", "1", "y", "t"], ["no", "off", "false", "0", "n", "f"]
    )
    private static let filterWords: (Set<String>, Set<String>) = (
        ["yes", "on", "true", "1"], ["no", "off", "false", "0"]
    )
    private static let yamlWords: (Set<String>, Set<String>) = (
        ["yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"],
        ["no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"]
    )
    private static let pythonWords: (Set<String>, Set<String>) = (["True"], ["False"])
}

extension Value {
    /// Whether it is true in `place`; `nil` when it is no boolean there.
    public func boolean(in place: BooleanPlace) -> Bool? {
        switch self {
        case .bool(let flag): return flag
        case .int, .double: return Self.boolean(number: self, in: place)
        case .string, .template: return Self.boolean(word: text ?? "", in: place)
        case .null, .list, .map: return place.isLenient ? false : nil
        }
    }

    /// Whether a word is true in `place`; `nil` when it is no boolean there.
    public static func boolean(word: String, in place: BooleanPlace) -> Bool? {
        let (trueWords, falseWords) = place.words
        let word = place.spelled(word)
        if trueWords.contains(word) { return true }
        return falseWords.contains(word) || place.isLenient ? false : nil
    }

    /// Python's 1, 1.0 and `True` are one value.
    private static func boolean(number: Value, in place: BooleanPlace) -> Bool? {
        guard place != .yaml, place != .python else { return nil }
        if number == .int(1) || number == .double(1) { return true }
        return number == .int(0) || number == .double(0) || place.isLenient ? false : nil
    }
}

extension BooleanPlace {
    fileprivate var isLenient: Bool { self == .lenientArgument || self == .filter }

    /// A word as the list has it.
    fileprivate func spelled(_ word: String) -> String {
        switch self {
        case .argument, .lenientArgument: word.lowercased().stripped
        case .filter: word.lowercased()
        case .yaml, .python: word
        }
    }
}
