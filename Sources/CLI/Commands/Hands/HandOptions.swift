import ArgumentParser
import Fleet
import Rollouts

/// How something is done by hand to members of a stage's pool.
struct HandOptions: ParsableArguments {
    @Option(help: "The stage, where the service has several.", completion: .stages) var stage: String?
    @OptionGroup var without: WithoutOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup var format: FormatOptions

    /// Does `action` to the members that `words` name.
    func perform(_ action: HandAction, on words: [String], _ taking: HandTaking?, _ seams: Seams) async throws
        -> ExitStatus
    {
        let file = try service.read(seams)
        let (stage, patterns) = try StagedMembers(words, stage: stage, of: file).chosen()
        let work = try await StageWork(
            file, stage: stage, connection, format.format, seams, without: try without.reasons(), lock: lock.terms)
        let site = work.session.site
        let hosts = try patterns.flatMap { pattern in try site.members(matching: pattern, of: work.access.inventory) }
        let members = site.pool.members.map(\.host).filter(hosts.contains)
        let terms = HandTerms(
            reason: taking?.reason, patience: taking?.time ?? site.stage.rollout.usualPatience(for: action),
            allowsBelow: taking?.allowsBelow ?? false)
        let report = try await work.watched { session in try await session.handle(action, on: members, terms) }
        return work.reporter.tellEnd(report, format.format)
    }
}

/// How members leave rotation.
struct HandTaking: ParsableArguments {
    @Option(help: "Why, for whoever wonders later: status, pool status and history tell it.") var reason: String?
    @Option(
        help: ArgumentHelp(
            "How long sessions may take to end (default: the stage's drain:).", valueName: "duration"))
    var patience: String?
    @Flag(name: .customLong("allow-below"), help: "Let fewer members than the stage's minimum stay in service.")
    var allowsBelow = false

    func validate() throws {
        if let reason, reason.allSatisfy(\.isWhitespace) { throw ValidationError("--reason wants a reason") }
        if let patience, time == nil {
            throw ValidationError("--patience takes a duration such as 30s or 5m, not '\(patience)'")
        }
    }

    /// What `--patience` says.
    var time: Duration? { patience.flatMap { Duration(written: $0) } }
}

extension RolloutPolicy {
    /// How long is waited where nobody says.
    fileprivate func usualPatience(for action: HandAction) -> Duration {
        if case .letIn = action { health } else { drain }
    }
}

/// The stage and the members that words name: `ap1`, `production:ap1`, or the stage as a word of its own before them.
struct StagedMembers {
    private let words: [String]
    private let stage: String?
    private let file: ServiceFile

    init(_ words: [String], stage: String?, of file: ServiceFile) {
        (self.words, self.stage, self.file) = (words, stage, file)
    }

    /// - Throws: ``InputError`` where no stage is named and the service has several, or two are.
    func chosen() throws(InputError) -> (stage: String, patterns: [String]) {
        let names = file.stages.map(\.name)
        if let stage { return (try file.stage(stage).name, words) }
        if words.count > 1, names.contains(words[0]) { return (words[0], Array(words.dropFirst())) }
        var found: [String] = []
        let patterns = words.map { word in
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, names.contains(parts[0]), !parts[1].isEmpty else { return word }
            if !found.contains(parts[0]) { found.append(parts[0]) }
            return parts[1]
        }
        if found.count > 1 {
            throw InputError("\(found.joined(separator: " and ")) are two stages: name one at a time")
        }
        if let only = found.first ?? (names.count == 1 ? names[0] : nil) { return (only, patterns) }
        throw InputError(
            "no stage named, and the service has \(names.joined(separator: ", "))",
            hints: names.prefix(1).map { "say --stage \($0)" })
    }
}
