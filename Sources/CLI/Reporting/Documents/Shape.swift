import Fleet

/// What a JSON value that Drover writes may be.
indirect enum Shape: Sendable {
    /// Any text.
    case text
    /// A moment, as RFC 3339 writes it in UTC.
    case time
    /// One of these words and no other.
    case word([String])
    /// A whole number.
    case integer
    /// A number that may have a fraction.
    case number
    /// `true` or `false`.
    case flag
    /// Values of one kind.
    case list(Shape)
    /// Values of one kind under names that are no fields, such as hosts'.
    case map(Shape)
    /// Fields.
    case object([Field])

    /// The words of a type that has a word for each case.
    static func word<Words: CaseIterable & RawRepresentable<String>>(_ type: Words.Type) -> Shape {
        .word(type.allCases.map(\.rawValue))
    }

    /// A field of an object.
    struct Field: Sendable {
        let name: String
        let shape: Shape
        /// Whether an object may lack it.
        let isOptional: Bool
        /// What it says; of one that is optional, when it is there.
        let meaning: String

        /// A field that is always there.
        static func always(_ name: String, _ shape: Shape, _ meaning: String) -> Field {
            Field(name: name, shape: shape, isOptional: false, meaning: meaning)
        }

        /// A field that may be absent.
        static func maybe(_ name: String, _ shape: Shape, _ meaning: String) -> Field {
            Field(name: name, shape: shape, isOptional: true, meaning: meaning)
        }
    }
}

extension Shape {
    /// For people, in a few words.
    var words: String {
        switch self {
        case .text: "text"
        case .time: "time"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .integer: "whole number"
        case .number: "number"
        case .flag: "true or false"
        case .list(.object): "list of objects"
        case .list(let shape): "list: \(shape.words)"
        case .map(.object): "objects by name"
        case .map(let shape): "by name: \(shape.words)"
        case .object: "object"
        }
    }

    /// The fields of the object, or of the objects in it, with what stands before their names in a table.
    var inner: (prefix: String, fields: [Field])? {
        switch self {
        case .object(let fields): (".", fields)
        case .list(let shape): shape.inner.map { ("[]" + $0.prefix, $0.fields) }
        case .map(let shape): shape.inner.map { (".NAME" + $0.prefix, $0.fields) }
        case .text, .time, .word, .integer, .number, .flag: nil
        }
    }
}
