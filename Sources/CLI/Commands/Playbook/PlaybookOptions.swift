import ArgumentParser
import Fleet
import Playbooks
import Values

/// What `drover plan` and `drover apply` take besides their playbooks. Flags are Ansible's.
struct PlaybookOptions: ParsableArguments {
    @OptionGroup(title: "Hosts") var inventory: InventoryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Privileges") var become: BecomeOptions
    @OptionGroup var format: FormatOptions

    @Option(
        name: [.customShort("t"), .long], parsing: .singleValue, help: "Only tasks with these tags, commas between.")
    var tags: [String] = []

    @Option(
        name: .customLong("skip-tags"), parsing: .singleValue, help: "No tasks with these tags, commas between.")
    var skipTags: [String] = []

    @Option(
        name: [.customShort("e"), .customLong("extra-vars")], parsing: .singleValue,
        help: "Variables: name=value, a mapping in JSON or YAML, or @file.")
    var extra: [String] = []

    @Flag(name: [.customShort("D"), .long], help: "Show what changes in files.")
    var diff = false

    @Option(
        name: .customLong("roles-path"), parsing: .singleValue,
        help: "Folder with roles, besides 'roles' beside the playbook.", completion: .directory)
    var rolePaths: [String] = []

    @Flag(
        name: .customLong("detailed-exitcode"),
        help: "End with status 2 when a plan or check finds changes.")
    var hasDetailedExitCode = false

    @Flag(help: "Show only steps that change something, in a line each.")
    var short = false

    /// The options of a run in `mode`.
    func runOptions(_ mode: RunOptions.Mode, _ seams: Seams) throws -> RunOptions {
        var options = RunOptions(
            mode: mode, wantsDiff: diff || mode == .plan, limit: inventory.limit, tags: Self.names(tags),
            skipTags: Self.names(skipTags),
            extra: try ExtraVariables.read(extra, vault: seams.passwords.vault(connection.vault)),
            connection: try connection.settings(seams, become: become))
        options.owedHandlers = .run
        options.forks = connection.forks ?? RunOptions.defaultForks
        return options
    }

    private static func names(_ options: [String]) -> [String] {
        options.flatMap { $0.split(separator: ",").map { $0.filter { $0 != " " } } }
    }
}
