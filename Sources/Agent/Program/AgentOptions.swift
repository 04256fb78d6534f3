import Sampling

/// What the program was asked for.
struct AgentOptions: Equatable {
    enum Command: Equatable {
        case run
        case sample
        case history
        case checkConfiguration
        case rehearse
        case version
        case help
    }

    var command = Command.run
    var configuration = AgentConfiguration.usualPath
    /// Somebody named the file: then it must be there.
    var namesConfiguration = false
    var source = SampleSource.automatic
    var interval = 1
    var count: Int?
    var folder: String?
    var from, to, step: Int64?

    static let help = """
        drover-agent: samples this host once a second, keeps a week of it, and answers Prometheus and balancers.

        drover-agent [run] [--config FILE]              at work, until SIGTERM
        drover-agent sample [--source auto|proc|cgroup] [--interval SECONDS] [--count N]
        drover-agent history [--from UNIX] [--to UNIX] [--step SECONDS] [--config FILE]
        drover-agent check-config [FILE]                what is wrong with it (exit 78)
        drover-agent rehearse --folder FOLDER [--count SECONDS]
                                                        writes a history of made-up seconds as fast as it can: what a
                                                        kill or a full disk does to it can be seen there
        drover-agent --version

        The configuration is \(AgentConfiguration.usualPath): key = value, with the keys listen, metrics_port, check_port,
        allow, token, history, source.

        """

    /// What is wrong with the arguments, if anything is.
    mutating func parse(_ arguments: [String]) -> String? {
        var rest = arguments[...]
        if let first = rest.first, let command = Self.command(first) {
            self.command = command
            rest = rest.dropFirst()
        }
        while let word = rest.popFirst() {
            guard word.hasPrefix("--") else {
                guard command == .checkConfiguration, !namesConfiguration else { return "'\(word)' is not understood" }
                (configuration, namesConfiguration) = (word, true)
                continue
            }
            var value: String?
            var name = word
            if let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                value = String(word[word.index(after: equals)...])
            }
            guard let value = value ?? rest.popFirst() else { return "'\(name)' wants a value" }
            if let problem = set(name, to: value) { return problem }
        }
        if command == .rehearse, folder == nil { return "'--folder' is missing" }
        return nil
    }

    private static func command(_ word: String) -> Command? {
        switch word {
        case "run": .run
        case "sample": .sample
        case "history": .history
        case "check-config": .checkConfiguration
        case "rehearse": .rehearse
        case "--version", "version": .version
        case "--help", "-h", "help": .help
        default: nil
        }
    }

    private mutating func set(_ name: String, to value: String) -> String? {
        switch (name, command) {
        case ("--config", .run), ("--config", .history), ("--config", .checkConfiguration):
            (configuration, namesConfiguration) = (value, true)
        case ("--source", .sample):
            guard let source = SampleSource(rawValue: value) else { return "'\(value)' is not auto, proc or cgroup" }
            self.source = source
        case ("--interval", .sample):
            guard let seconds = Int(value), (1...86400).contains(seconds) else {
                return "'\(value)' is not a number of seconds"
            }
            interval = seconds
        case ("--folder", .rehearse): folder = value
        case ("--count", .sample), ("--count", .rehearse):
            guard let count = Int(value), count > 0 else { return "'\(value)' is not a number" }
            self.count = count
        case ("--from", .history): return setTime(\.from, value)
        case ("--to", .history): return setTime(\.to, value)
        case ("--step", .history): return setTime(\.step, value)
        default: return "'\(name)' is not understood"
        }
        return nil
    }

    private mutating func setTime(_ place: WritableKeyPath<Self, Int64?>, _ text: String) -> String? {
        guard let number = Int64(text), number >= 0 else { return "'\(text)' is not a number of seconds" }
        self[keyPath: place] = number
        return nil
    }
}
