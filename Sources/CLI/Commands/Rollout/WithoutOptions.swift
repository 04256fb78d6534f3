import ArgumentParser
import Fleet

/// Balancers that a command goes on without, each with the reason.
///
/// `--without lb2 "REASON"` has two words, which ArgumentParser has no option for: they are joined before it sees them.
struct WithoutOptions: ParsableArguments {
    @Option(
        name: .customLong("without"),
        help: ArgumentHelp(
            "Leave a balancer out of every change, and say why: --without lb2 \"REASON\". It is remembered, and made right "
                + "before anything else once a later command reaches it.",
            valueName: "balancer> <reason"))
    var words: [String] = []

    func validate() throws {
        for word in words { _ = try Self.pair(word) }
    }

    /// The reasons, by balancer.
    /// - Throws: ``InputError`` for a name that no host has.
    func reasons() throws -> [HostName: String] {
        try words.reduce(into: [:]) { reasons, word in
            let (balancer, reason) = try Self.pair(word)
            reasons[try HostName(balancer)] = reason
        }
    }

    private static let separator: Character = "\u{1F}"

    private static func pair(_ word: String) throws -> (balancer: String, reason: String) {
        let parts = word.split(separator: separator, maxSplits: 1).map(String.init)
        guard parts.count == 2, !parts[1].allSatisfy(\.isWhitespace) else {
            throw ValidationError(
                "--without wants a balancer and a reason: --without \(parts.first ?? "lb2") \"REASON\"")
        }
        return (parts[0], parts[1])
    }

    private static let commands: Set = [
        "rollout", "promote", "rollback", "apply", "restart", "stop", "start", "drain", "undrain", "weight",
        "maintenance",
    ]

    /// `arguments` with the two words after each `--without` as one; other commands' words stay as they are.
    static func joined(_ arguments: [String]) -> [String] {
        guard let command = arguments.first, commands.contains(command) else { return arguments }
        var joined: [String] = []
        var rest = arguments[...]
        while let word = rest.popFirst() {
            joined.append(word)
            if word == "--" { break }
            let values = rest.prefix(2)
            guard word == "--without", values.count == 2, values.allSatisfy({ !$0.hasPrefix("-") }) else { continue }
            joined.append(values.joined(separator: String(separator)))
            rest = rest.dropFirst(2)
        }
        return joined + rest
    }
}
