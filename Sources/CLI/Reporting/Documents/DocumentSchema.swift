/// What one kind of JSON object that Drover writes has in it. Whatever is written is described by one, and docs/json.md is made
/// of them all.
struct DocumentSchema: Sendable {
    /// An event of a schema whose objects differ by `event`.
    struct Event: Sendable {
        let name: String
        /// When it is written.
        let when: String
        let fields: [Shape.Field]

        init(_ name: String, _ when: String, _ fields: [Shape.Field] = []) {
            (self.name, self.when, self.fields) = (name, when, fields)
        }
    }

    let name: String
    /// Grows when a field that was here changes or goes; fields may be added without.
    let version: Int
    /// What an object of it tells, as a sentence without its full stop.
    let tells: String
    /// What every object has.
    let fields: [Shape.Field]
    /// Where objects differ by their field `event`: which there are.
    let events: [Event]

    init(_ name: String, version: Int = 1, _ tells: String, _ fields: [Shape.Field], events: [Event] = []) {
        (self.name, self.version, self.tells, self.fields, self.events) = (name, version, tells, fields, events)
    }

    /// What stands under `schema` in each object.
    var id: String { "drover.\(name)/\(version)" }
}

/// A value that is written as a JSON object of its own, or as one in a list of its own.
protocol SchemaDocument: Encodable {
    /// What is in it.
    static var schema: DocumentSchema { get }
}
