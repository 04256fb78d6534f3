import Fleet
import OrderedCollections

/// Stands for a value that could not be had. It spreads through attribute and item accesses; whoever needs the value
/// trips over it.
final class Marker: Sendable {
    let error: TemplateError
    /// The name that is missing, when one is.
    let name: String?
    /// What else there is where it is missing, for a hint; `nil` means the variables.
    let others: OrderedSet<Key>?
    /// Whether `default` and `is defined` may make good for it; not so for failures.
    let isUndefined: Bool

    /// An undefined value.
    init(undefined message: String, name: String? = nil, others: OrderedSet<Key>? = []) {
        error = TemplateError(.undefined, message)
        self.name = name
        self.others = others
        isUndefined = true
    }

    /// A failure.
    init(_ error: TemplateError) {
        self.error = error
        name = nil
        others = []
        isUndefined = false
    }

    private init(_ marker: Marker, at location: SourceLocation?) {
        error = marker.error.located(at: location)
        name = marker.name
        others = marker.others
        isUndefined = marker.isUndefined
    }

    func located(at location: SourceLocation?) -> Marker {
        error.location != nil || location == nil ? self : Marker(self, at: location)
    }

    var tripped: Tripped { Tripped(marker: self) }

    /// The error to report, with a hint at names like the missing one.
    func explained(variables: @autoclosure () -> [String]) -> TemplateError {
        guard isUndefined, let name, error.hints.isEmpty else { return error }
        var error = error
        let names = others.map { $0.compactMap { if case .string(let text) = $0 { text } else { nil } } }
        error.hints = NearestNames.hints(for: name, among: names ?? variables())
        return error
    }
}

/// Raised where a marker's value is needed; becomes the marker again where a filter, call or template ends.
struct Tripped: Error {
    let marker: Marker
}

extension Object {
    /// Itself, unless it is a marker.
    /// - Throws: ``Tripped``.
    func needed() throws -> Object {
        if case .marker(let marker) = self { throw marker.tripped }
        return self
    }

    static func undefined(_ message: String, name: String? = nil) -> Object {
        .marker(Marker(undefined: message, name: name))
    }

    /// What a container or object answers for an attribute it lacks.
    static func missing(_ name: String, of object: Object) -> Object {
        var others: OrderedSet<Key> = []
        if case .dict(let dict) = object { others = dict.slots.keys }
        let message = "object of type '\(object.typeName)' has no attribute '\(name)'"
        return .marker(Marker(undefined: message, name: name, others: others))
    }
}
