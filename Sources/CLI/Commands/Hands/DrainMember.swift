import ArgumentParser
import Rollouts

extension Drover {
    /// `drover drain HOST…`
    struct DrainMember: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain",
            abstract: "Take members out of rotation on every balancer, and wait for their sessions.",
            discussion: """
                They stay out until drover undrain, whatever is rolled out or applied meanwhile, and when HAProxy starts anew. \
                Their units run on, and they get new builds. Refused before anything is touched when fewer members than the \
                stage's minimum would be in service.
                """
        )
        .examples(#"drover drain ap1 --stage production --reason "bad disk""#)

        @Argument(help: "Members: hosts, groups, or any Ansible pattern.", completion: .hosts) var hosts: [String]
        @OptionGroup var taking: HandTaking
        @OptionGroup var hand: HandOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await hand.perform(.drain, on: hosts, taking, seams)
        }
    }

    /// `drover undrain HOST…`
    struct UndrainMember: FleetCommand {
        static let configuration = CommandConfiguration(
            commandName: "undrain", abstract: "Let members into rotation again that somebody took out by hand.",
            discussion: """
                By drover drain, drover maintenance on, or at HAProxy's own console. A member gets traffic once its checks \
                pass on every balancer; one that does not pass them stays as it was.
                """
        )
        .examples("drover undrain ap1 --stage production")

        @Argument(help: "Members: hosts, groups, or any Ansible pattern.", completion: .hosts) var hosts: [String]
        @OptionGroup var hand: HandOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await hand.perform(.letIn(isMaintenance: false), on: hosts, nil, seams)
        }
    }
}
