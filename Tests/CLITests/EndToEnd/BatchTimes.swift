import Foundation

/// How long a rollout's batches took, from the events that it wrote.
struct BatchTimes {
    private struct Line: Decodable {
        let event: String
        let action: String?
        let host: String?
        let at: String
    }

    /// The longest that the hosts of one batch took for an action, and all of the batch's time.
    struct Batch {
        var begun: Date
        var ended: Date
        var longest: [String: TimeInterval] = [:]

        /// What is left beside draining, switching, checks, the balancers' own checks, and `bake`.
        func overhead(bake: TimeInterval) -> TimeInterval {
            let rightly = ["drain", "activate", "check", "admit"].reduce(bake) { $0 + (longest[$1] ?? 0) }
            return ended.timeIntervalSince(begun) - rightly
        }
    }

    private(set) var batches: [Batch] = []
    private var intents: [String: Date] = [:]

    /// - Parameter output: Standard output of a rollout with `--format json`.
    init(_ output: String) throws {
        let decoder = JSONDecoder()
        let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for text in output.split(separator: "\n") {
            // The ending is an object of another kind.
            guard let line = try? decoder.decode(Line.self, from: Data(text.utf8)) else { continue }
            take(line, at: try format.parse(line.at))
        }
    }

    private mutating func take(_ line: Line, at time: Date) {
        let subject = "\(line.action ?? "") \(line.host ?? "")"
        switch (line.event, line.action) {
        case ("batch", _): batches.append(Batch(begun: time, ended: time))
        case ("intent", _): intents[subject] = time
        case ("done", let action?):
            guard let begun = intents[subject], let last = batches.indices.last else { return }
            let took = time.timeIntervalSince(begun)
            batches[last].longest[action] = max(batches[last].longest[action] ?? 0, took)
            if action == "confirm" { batches[last].ended = time }
        default: break
        }
    }
}
