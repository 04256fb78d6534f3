import ArgumentParser
import Fleet
import Rollouts

extension Drover.PoolCommand {
    /// `drover pool adopt STAGE`
    struct Adopt: StageChanging {
        static let configuration = CommandConfiguration(
            abstract: "Bring the members to a backend in your own file, after showing the difference.",
            discussion: """
                For a pool with adopt: true. Shows what each balancer would be told and which server lines of its file would \
                change, asks on a terminal, and does what drover apply does for the pool, without the playbooks. A file that \
                cannot be taken is told with its line, and nothing is changed.
                """
        )
        .examples("drover pool adopt production")

        @Argument(help: "The stage.", completion: .stages) var stage: String
        @OptionGroup var consent: ConsentOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var lock: LockOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup var service: ServiceOptions
        @OptionGroup(title: "Connection") var connection: ConnectionOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let file = try service.read(seams)
            let work = try await StageWork(
                file, stage: stage, connection, format.format, seams, without: try without.reasons(), lock: lock.terms)
            let site = work.session.site
            let pools = site.tiers.isEmpty ? [site.pool] : site.tiers.filter(\.isBalanced).map(\.pool)
            guard pools.contains(where: { $0.adoption != nil }) else {
                throw InputError(
                    "the pool of \(stage) is in Drover's own file", at: SourceLocation(file: file.path),
                    hints: [
                        "a backend in a file of yours is named by: pool: {adopt: true, config: FILE, name: BACKEND}"
                    ])
            }
            let plan = try await work.watched { session in try await StageConvergence(session).plan() }
            FleetReporter(terminal: seams.terminal, format: format.format, site: site, isPlanned: true).tell(plan)
            await work.session.close()
            guard plan.fleet.silentBalancers.isEmpty else { return .failed }
            guard plan.hasChanges else { return .done }
            let files = pools.map(\.configFile).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            guard consent.isAgreed("change the server lines of \(files.joined(separator: ", "))?", seams.terminal)
            else { return .failed }
            let isComplete = try await work.watched { session in try await StageConvergence(session).converge() }
            return isComplete ? .done : .failed
        }
    }
}

extension Drover.PoolCommand.Adopt: DocumentedCommand {
    static var documents: WrittenDocuments { [(.lines, FleetAnswer.schema)] }
}
