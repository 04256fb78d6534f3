import ArgumentParser
import Fleet
import Rollouts

/// Whose units a command is about, and how their stage is worked on.
struct UnitOptions: ParsableArguments {
    @Argument(help: "The stage.", completion: .stages) var stage: String
    @Argument(help: "Only these members: a host, a group, or any Ansible pattern.", completion: .hosts) var hosts:
        String?
    @OptionGroup var without: WithoutOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup var format: FormatOptions

    /// Does `action` to their units.
    func perform(
        _ action: UnitAction, allowsBelow: Bool = false, minimum: Int? = nil, _ seams: Seams
    ) async throws -> ExitStatus {
        let work = try await StageWork(
            try service.read(seams), stage: stage, connection, format.format, seams, without: try without.reasons(),
            lock: lock.terms)
        let members = try work.session.site.members(matching: hosts, of: work.access.inventory)
        let report = try await work.watched { session in
            try await session.handle(action, on: members, allowsBelow: allowsBelow, minimum: minimum)
        }
        return work.reporter.tellEnd(report, format.format)
    }
}
