import Foundation

enum Coding {
    /// What comes back after a value was written as JSON and read.
    static func roundTrip<Coded: Codable>(_ value: Coded) throws -> Coded {
        try JSONDecoder().decode(Coded.self, from: JSONEncoder().encode(value))
    }
}
