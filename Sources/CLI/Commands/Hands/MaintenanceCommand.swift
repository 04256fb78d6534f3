import ArgumentParser
import Rollouts

extension Drover {
    /// `drover maintenance`
    struct MaintenanceCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "maintenance", abstract: "Put members into maintenance on every balancer, and end it.",
            subcommands: [On.self, Off.self])
    }
}

extension Drover.MaintenanceCommand {
    /// `drover maintenance on HOST…`
    struct On: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take members out of rotation for work on them: drained, then neither asked nor checked.",
            discussion: """
                They stay out until drover maintenance off, whatever is rolled out or applied meanwhile, and when HAProxy starts \
                anew. Refused before anything is touched when fewer members than the stage's minimum would be in service.
                """
        )
        .examples(#"drover maintenance on ap1 --stage production --reason "more memory""#)

        @Argument(help: "Members: hosts, groups, or any Ansible pattern.", completion: .hosts) var hosts: [String]
        @OptionGroup var taking: HandTaking
        @OptionGroup var hand: HandOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await hand.perform(.maintenance, on: hosts, taking, seams)
        }
    }

    /// `drover maintenance off HOST…`
    struct Off: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let members into rotation again, once their checks pass on every balancer."
        )
        .examples("drover maintenance off ap1 --stage production")

        @Argument(help: "Members: hosts, groups, or any Ansible pattern.", completion: .hosts) var hosts: [String]
        @OptionGroup var hand: HandOptions
        @OptionGroup var unattended: UnattendedOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            try await hand.perform(.letIn(isMaintenance: true), on: hosts, nil, seams)
        }
    }
}

extension Drover.DrainMember: StageChanging {}
extension Drover.UndrainMember: StageChanging {}
extension Drover.WeighMember: StageChanging {}
extension Drover.MaintenanceCommand.On: StageChanging {}
extension Drover.MaintenanceCommand.Off: StageChanging {}

extension Drover.DrainMember: DocumentedCommand {
    static var documents: WrittenDocuments { handDocuments }
}

extension Drover.UndrainMember: DocumentedCommand {
    static var documents: WrittenDocuments { handDocuments }
}

extension Drover.WeighMember: DocumentedCommand {
    static var documents: WrittenDocuments { handDocuments }
}

extension Drover.MaintenanceCommand.On: DocumentedCommand {
    static var documents: WrittenDocuments { handDocuments }
}

extension Drover.MaintenanceCommand.Off: DocumentedCommand {
    static var documents: WrittenDocuments { handDocuments }
}

extension DocumentedCommand {
    fileprivate static var handDocuments: WrittenDocuments { [(.lines, HandAnswer.schema)] }
}
