import Fleet
import Sampling

/// What a host has of an agent.
struct AgentSurvey: Sendable, Equatable {
    private var words: [String: String] = [:]
    private var said: [String: String] = [:]

    /// What ``AgentScript/survey`` or ``AgentScript/status`` printed.
    init(answer: String) {
        for line in answer.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard let name = parts.first else { continue }
            let value = parts.count > 1 ? parts[1].trimmingBlanks : ""
            guard name == "said" else {
                words[name] = value
                continue
            }
            let fact = value.split(separator: " ", maxSplits: 1).map(String.init)
            if let name = fact.first { said[name] = fact.count > 1 ? fact[1] : "" }
        }
    }

    var architecture: String? { words["architecture"] }
    /// Whether it was asked with root's rights.
    var isRoot: Bool { words["user"] == "0" }
    var hasSystemd: Bool { words["systemd"] != nil }
    var isInstalled: Bool { words["version"] != nil }
    /// Its program's version; `nil` where it has none, or the program does not run.
    var version: String? { words["version"]?.split(separator: " ").last.map(String.init) }
    /// The program's SHA-256.
    var sum: String? { words["sum"].flatMap { $0.isEmpty ? nil : $0 } }
    /// In systemd's words.
    var state: String { words["state"].flatMap { $0.isEmpty ? nil : $0 } ?? "unknown" }
    var isEnabled: Bool { words["enabled"] == "enabled" }
    /// KiB that its history takes.
    var historyKiB: Int? { words["bytes"].flatMap { Int($0) } }

    /// Whether the agent itself says that all is well; `nil` where it could not be asked.
    var isHealthy: Bool? { words["answer"].map { $0.contains(" 200") } }
    var scope: String? { said["scope"] }
    /// Seconds since its last sample.
    var age: Double? { said["age"].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }
    /// What it tells balancers, in percent.
    var weight: Int? { said["weight"].flatMap { Int($0) } }
    /// How many samples it has.
    var samples: Int? { said["history"].flatMap { Int($0) } }

    /// How its version is to this program's.
    enum Skew: String, CaseIterable, Encodable, Sendable { case same, older, newer, unknown }

    /// How the agent's version is to the controller's, by their numbers.
    func skew(to own: String = ProgramVersion.text) -> Skew {
        guard let version, let theirs = Self.numbers(version), let ours = Self.numbers(own) else { return .unknown }
        if theirs == ours { return .same }
        return theirs.lexicographicallyPrecedes(ours) ? .older : .newer
    }

    private static func numbers(_ version: String) -> [Int]? {
        let parts = version.split(separator: ".").map { Int($0.prefix { $0.isASCII && $0.isNumber }) }
        return parts.isEmpty || parts.contains(nil) ? nil : parts.compactMap(\.self)
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }
}
