import Fleet
import Values

/// What a call is given, evaluated.
struct CallArguments {
    var positional: [Object] = []
    var named: [(name: String, value: Object)] = []

    /// The first marker among them.
    var firstMarker: Marker? {
        for object in positional { if case .marker(let marker) = object { return marker } }
        for (_, object) in named { if case .marker(let marker) = object { return marker } }
        return nil
    }
}

/// Something that can be called.
final class Callable {
    let name: String
    /// Whether undefined arguments are handed on, as macros want it.
    let acceptsMarkers: Bool
    let body: (CallArguments) throws -> Object
    /// Attributes, such as a macro's `name`.
    let attributes: [String: Object]

    init(
        _ name: String, acceptsMarkers: Bool = false, attributes: [String: Object] = [:],
        body: @escaping (CallArguments) throws -> Object
    ) {
        self.name = name
        self.acceptsMarkers = acceptsMarkers
        self.attributes = attributes
        self.body = body
    }
}

/// What `namespace()` makes: the one thing whose attributes can be assigned.
final class NamespaceObject {
    var attributes: [String: Object] = [:]
}

/// `loop` inside a `for`.
final class LoopObject {
    let items: [Object]
    let depth: Int
    var index = 0
    private var lastSeen: [Object]?
    /// Renders the loop's body over other items, in a `recursive` loop.
    let recurse: ((Object) throws -> Object)?

    init(items: [Object], depth: Int, recurse: ((Object) throws -> Object)?) {
        self.items = items
        self.depth = depth
        self.recurse = recurse
    }

    func attribute(_ name: String) -> Object? {
        switch name {
        case "index": .int(index + 1)
        case "index0": .int(index)
        case "revindex": .int(items.count - index)
        case "revindex0": .int(items.count - index - 1)
        case "first": .bool(index == 0)
        case "last": .bool(index == items.count - 1)
        case "length": .int(items.count)
        case "depth": .int(depth)
        case "depth0": .int(depth - 1)
        case "previtem":
            index > 0 ? items[index - 1] : .undefined("there is no previous item", name: "previtem")
        case "nextitem":
            index + 1 < items.count ? items[index + 1] : .undefined("there is no next item", name: "nextitem")
        case "cycle": .callable(Callable("cycle") { [self] in try cycle($0.positional) })
        case "changed": .callable(Callable("changed") { [self] in .bool(try changed($0.positional)) })
        default: nil
        }
    }

    private func cycle(_ values: [Object]) throws -> Object {
        guard !values.isEmpty else { throw TemplateError.type("no items for cycling given") }
        return values[index % values.count]
    }

    private func changed(_ values: [Object]) throws -> Bool {
        defer { lastSeen = values }
        guard let lastSeen, lastSeen.count == values.count else { return true }
        return try !zip(lastSeen, values).allSatisfy { try $0.equals($1) }
    }
}

/// What `cycler()` makes.
final class CyclerObject {
    private let items: [Object]
    private var place = 0

    init(_ items: [Object]) { self.items = items }

    func attribute(_ name: String) -> Object? {
        switch name {
        case "current": items[place]
        case "next":
            .callable(
                Callable(name) { [self] _ in
                    defer { place = (place + 1) % items.count }
                    return items[place]
                })
        case "reset":
            .callable(
                Callable(name) { [self] _ in
                    place = 0
                    return .none
                })
        default: nil
        }
    }
}

/// The names an imported template sets.
final class ModuleObject {
    let name: String
    var attributes: [String: Object] = [:]
    var body: [Object] = []

    init(name: String) { self.name = name }
}

/// A date and time, as `now()` and `to_datetime` make them.
struct Moment: Equatable {
    /// Seconds since 1970, in the zone it is meant for.
    var seconds: Double
    /// How far the zone of naive dates is from UTC, which is local time's.
    var zone: @Sendable (_ seconds: Double) -> ZoneOffset

    /// Equal when the seconds are.
    static func == (left: Self, right: Self) -> Bool { left.seconds == right.seconds }

    /// Seconds since 1970 in UTC.
    var sinceEpoch: Double { seconds - Double(zone(seconds).seconds) }
    /// `2024-05-01 12:30:00`
    var text: String { DateText.text(seconds) }
    /// `2024-05-01T12:30:00`, as a date becomes when it leaves a template.
    var isoText: String { DateText.text(seconds, separator: "T") }
}

/// The time between two dates: Python's `timedelta`.
struct Interval: Equatable {
    var seconds: Double

    var days: Int { Int((seconds / 86_400).rounded(.down)) }

    func attribute(_ name: String) -> Object? {
        let rest = seconds - Double(days) * 86_400
        return switch name {
        case "days": .int(days)
        case "seconds": .int(Int(rest.rounded(.down)))
        case "microseconds": .int(Int(((rest - rest.rounded(.down)) * 1_000_000).rounded()))
        case "total_seconds": .callable(Callable(name) { _ in .double(seconds) })
        default: nil
        }
    }

    /// `2 days, 3:04:05`
    var text: String {
        let rest = Int((seconds - Double(days) * 86_400).rounded(.down))
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
        let clock = "\(rest / 3600):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return days == 0 ? clock : "\(days) day\(days.magnitude == 1 ? "" : "s"), \(clock)"
    }
}
