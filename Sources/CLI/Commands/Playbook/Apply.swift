import ArgumentParser
import Fleet
import Playbooks
import Rollouts
import TaskModules

extension Drover {
    /// `drover apply PLAYBOOK… -i INVENTORY`
    struct Apply: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the hosts what a playbook says they should be."
        )
        .examples(
            "drover apply staging", "drover apply site.yml -i hosts.yml -t nginx",
            "drover apply production --ci --junit report.xml")

        @Argument(help: "A stage of drover.yml, or playbook files in order.", completion: .stagesAndFiles)
        var playbooks: [String] = []
        @OptionGroup var service: ServiceOptions
        @OptionGroup var departures: DepartureOptions
        @OptionGroup var options: PlaybookOptions
        @OptionGroup var without: WithoutOptions
        @OptionGroup var lock: LockOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup var junit: JUnitOptions
        @Flag(name: [.customShort("C"), .long], help: "Change nothing; report what Ansible's --check would.")
        var check = false
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            if var work = try StageApply(playbooks, options, service, departures, check ? .check : .apply, seams) {
                work.without = try without.reasons()
                work.lock = lock.terms
                return try await work(seams)
            }
            guard without.words.isEmpty else {
                throw InputError("--without goes with a stage", hints: ["drover apply STAGE --without lb2 \"REASON\""])
            }
            guard lock.terms == LockTerms() else {
                throw InputError(
                    "--lock-wait and --force go with a stage", hints: ["drover apply STAGE --lock-wait 5m"])
            }
            return try await options.run(playbooks, check ? .check : .apply, service, seams)
        }
    }
}
