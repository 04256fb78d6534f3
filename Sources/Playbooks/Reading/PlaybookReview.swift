public import Fleet
import OrderedCollections
import TaskModules
import Values

extension Playbook {
    /// Looks over what is written well and is hardly what was meant.
    ///
    /// - Returns: A warning for a playbook without plays, for each tag of `options` that nothing has, and for each mode
    ///   that was written as a decimal number.
    public func review(_ options: RunOptions) -> [ErrorReport] {
        let tasks = plays.flatMap { ($0.sections + $0.handlers).joined().flatMap(\.allTasks) }
        return emptiness + unknownTags(options, among: tasks) + tasks.flatMap(\.strangeModes)
    }

    private var emptiness: [ErrorReport] {
        plays.isEmpty ? [ErrorReport(.init(rawValue: "invalid"), "the playbook has no play: nothing will be done")] : []
    }

    /// Tags that no task has. Nothing is said where tasks are read only while the playbook runs, or tags are templates.
    private func unknownTags(_ options: RunOptions, among tasks: [PlayTask]) -> [ErrorReport] {
        let known = Set(tasks.flatMap(\.settings.tags)).union(["all", "tagged", "untagged", "always", "never"])
        guard !plays.isEmpty, !plays.contains(where: \.hasOpenIncludes), !known.contains(where: { $0.contains("{{") })
        else { return [] }
        return (options.tags + options.skipTags).filter { !known.contains($0) }.map { tag in
            ErrorReport(
                InputError(
                    .unknownName, "no task has the tag '\(tag)'", hints: NearestNames.hints(for: tag, among: known)))
        }
    }
}

extension PlayNode {
    /// The tasks in it, those of blocks too.
    var allTasks: [PlayTask] {
        switch self {
        case .task(let task): [task]
        case .block(let block): (block.tasks + block.rescue + block.always).flatMap(\.allTasks)
        }
    }
}

extension PlayTask {
    /// Modes such as `644` without quotes: a decimal number, of which the bits are others than those that stand there.
    fileprivate var strangeModes: [ErrorReport] {
        guard case .module(let call) = action else { return [] }
        return ["mode", "directory_mode"].compactMap { name in
            guard case .int(let bits)? = call.arguments.named[name], Self.isSlip(bits) else { return nil }
            return ErrorReport(
                InputError(
                    "'\(name)' is the decimal number \(bits), which is 0\(String(bits, radix: 8)) as a mode",
                    at: location,
                    hints: ["write an octal number in quotes: \(name): \"0\(bits)\""]))
        }
    }

    /// Whether a number reads as a mode and its bits make no sense as one: as ansible-lint's `risky-octal`, somebody may
    /// write who may not read, or those who are further away may do more.
    private static func isSlip(_ bits: Int) -> Bool {
        guard (0...0o7777).contains(bits), String(bits).allSatisfy({ $0 < "8" }) else { return false }
        let (user, group, others) = (bits >> 6 & 7, bits >> 3 & 7, bits & 7)
        return [user, group, others].contains { $0 & 6 == 2 } || group & ~user != 0 || others & ~group != 0
    }
}
