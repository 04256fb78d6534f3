import ArgumentParser
import Fleet
import Rollouts

extension Drover {
    /// `drover check [STAGE]`
    struct Check: FleetCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say everything that is wrong with a service's files, without a connection.",
            discussion: """
                Reads drover.yml, inventories, and playbooks with their roles, files and templates; looks whether gates' \
                programs are there, the pool's groups have hosts, and secrets can be opened. What is wrong is listed by file \
                and line, each with what to do about it, and ends with status 64. An inventory that is a program is run.
                """
        )
        .examples("drover check", "drover check --service services/shop.yml --format json")

        @Argument(help: "Only this stage (and what drover.yml says of the others).", completion: .stages) var stage:
            String?
        @OptionGroup var service: ServiceOptions
        @Option(
            name: [.customShort("e"), .customLong("extra-vars")], parsing: .singleValue,
            help: "Variables that playbooks are run with: name=value, a mapping in JSON or YAML, or @file.")
        var extra: [String] = []
        @Option(
            name: .customLong("roles-path"), parsing: .singleValue,
            help: "Folder with roles, besides 'roles' beside the playbook.", completion: .directory)
        var rolePaths: [String] = []
        @OptionGroup var vault: VaultOptions
        @OptionGroup var format: FormatOptions
        @OptionGroup(title: "Messages") var talk: TalkOptions

        func execute(_ seams: Seams) async throws -> ExitStatus {
            let path = try service.located(seams) ?? ServiceFileReader.defaultName
            let check = ServiceCheck(seams, path: path, vault: vault, extra: extra, rolePaths: rolePaths)
            let findings = try check.findings(stage: stage)
            try seams.terminal.show(findings, of: path, as: format.format)
            return findings.mistakes.isEmpty ? .done : .usage
        }
    }
}
