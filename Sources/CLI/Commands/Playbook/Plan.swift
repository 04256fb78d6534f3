import ArgumentParser
import Fleet
import Playbooks

extension Drover {
    /// `drover plan PLAYBOOK… -i INVENTORY`
    struct Plan: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a playbook would change, on every host, without changing anything.",
            discussion: """
                Steps whose outcome depends on a step that has not run are shown as unknown. For what Ansible's --check \
                would report, use: drover apply --check
                """
        )
        .examples("drover plan production", "drover plan site.yml -i hosts.yml -l web")

        @Argument(help: "A stage of drover.yml, or playbook files in order.", completion: .stagesAndFiles)
        var playbooks: [String] = []
        @OptionGroup var service: ServiceOptions
        @OptionGroup var departures: DepartureOptions
        @OptionGroup var options: PlaybookOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            if let work = try StageApply(playbooks, options, service, departures, .plan, seams) {
                return try await work(seams)
            }
            return try await options.run(playbooks, .plan, service, seams)
        }
    }
}
