import ArgumentParser
import Fleet
import Rollouts

/// docs/reference.md: keys, exit statuses, variables, events and pages of the manual, each as the program has them.
enum ReferenceText {
    static var text: String {
        Markdown.notice("the tables that the program goes by") + head + settings + statuses + variables + events
            + manual
    }

    private static let head = """
        # Reference

        Keys of `drover.yml`, exit statuses, variables of the environment, events, pages of the manual. What they are for is told elsewhere:
        [rollouts.md](rollouts.md), [ci.md](ci.md), [events.md](events.md).

        ## drover.yml

        It is looked for in the working folder, then in those above it; paths in it are seen from its folder. An unknown key is an error, with the nearest that there is. Times are
        `500ms`, `30s`, `5m`, `1h` or a number of seconds. `drover check` says everything that is wrong in it.

        """

    // MARK: drover.yml

    private static var settings: String {
        sections(of: .file, "").map { path, keys in
            (path.isEmpty ? "" : "\n### \(path)\n")
                + Markdown.table(["key", "what may stand there", "default", "meaning"], keys.keys.map(row))
        }.joined()
    }

    /// The mapping and those in it, each with the path to it.
    private static func sections(of keys: ServiceKeys, _ path: String) -> [(path: String, keys: ServiceKeys)] {
        [(path, keys)]
            + keys.keys.flatMap { key -> [(String, ServiceKeys)] in
                let below = path + (path.isEmpty ? "" : ".") + key.name
                return switch key.kind {
                case .mapping(let inner), .textOr(let inner), .falseOr(let inner), .flagOr(let inner):
                    sections(of: inner, below)
                case .named(let inner): sections(of: inner, below + ".NAME")
                case .list(let inner): sections(of: inner, below + "[]")
                case .text, .texts, .hostPath, .urlPath, .flag, .number, .time, .statuses, .batch, .batches,
                    .percentage,
                    .word, .variables, .headers, .share, .decimal:
                    []
                }
            }
    }

    private static func row(_ key: ServiceKeys.Key) -> [String] {
        let standard = key.isRequired ? "must be there" : key.standard.map { "`\($0)`" } ?? "–"
        return ["`\(key.name)`", words(key.kind), standard, key.meaning]
    }

    private static func words(_ kind: ServiceKeys.Kind) -> String {
        switch kind {
        case .text: "text"
        case .texts: "text, or a list of them"
        case .hostPath: "absolute path on hosts"
        case .urlPath: "path of a URL"
        case .flag: "`true` or `false`"
        case .number(let bounds): "\(bounds.lowerBound) to \(bounds.upperBound)"
        case .time(let bounds): "time, \(bounds.lowerBound.written) to \(bounds.upperBound.written)"
        case .statuses: "a status, or a range such as `200-399`"
        case .batch: "a number of hosts, or a percentage such as `25%`"
        case .batches: "one of those, or a list of them such as `[1, 5, 25%]`"
        case .percentage: "a percentage such as `90%`"
        case .word(let words): words.map { "`\($0)`" }.joined(separator: " or ")
        case .variables: "texts, each under a variable's name; `~` takes one away"
        case .mapping: "mapping, below"
        case .textOr: "text, or a mapping, below"
        case .falseOr: "mapping, below, or `false`"
        case .flagOr: "`true` or `false`, or a mapping, below"
        case .headers: "texts, each under a header field's name"
        case .share: "percentage such as `5%`"
        case .decimal(let bounds): "\(bounds.lowerBound) to \(bounds.upperBound)"
        case .named: "a mapping for each name, below"
        case .list: "list of mappings, below"
        }
    }

    // MARK: the program

    private static var statuses: String {
        "\n## Exit status\n"
            + Markdown.table(["status", "means"], ExitStatus.allCases.map { ["\($0.rawValue)", $0.meaning] })
            + "\nSignals end it with 128 and their number. [ci.md](ci.md#exit-status) says what a job does then.\n"
    }

    private static var variables: String {
        func table(_ source: EnvironmentVariable.Source) -> String {
            Markdown.table(
                ["variable", "says"],
                EnvironmentVariable.all.filter { $0.source == source }.map { ["`\($0.name)`", $0.meaning] })
        }
        return "\n## Variables of the environment\n\nAn empty one counts as none.\n" + table(.user)
            + "\nSet by a CI system, sudo or the system:\n" + table(.surroundings)
            + "\nGiven to the commands of gates, beside Drover's own environment:\n" + table(.drover)
            + "\nTemplates read others by `lookup('env', NAME)`.\n"
    }

    private static var events: String {
        let rows = JSONPage.all.flatMap { schema in
            schema.events.map { ["`\($0.name)`", "[\(schema.id)](json.md#\(JSONPage.anchor(schema)))", $0.when] }
                + schema.ownEvents.map {
                    ["`\($0)`", "[\(schema.id)](json.md#\(JSONPage.anchor(schema)))", schema.tells]
                }
        }
        return "\n## Events\n\nWhat stands under `event` in the lines of `--format json`.\n"
            + Markdown.table(["event", "schema", "when"], rows)
    }

    private static var manual: String {
        let rows = commands(below: Drover.self, ["drover"]).map { path, command in
            ["`\(path.joined(separator: "-"))(1)`", "`\(path.joined(separator: " "))`", command.configuration.abstract]
        }
        // The parser's own command.
        let help = ["`drover-help(1)`", "`drover help`", "Show the help of a command."]
        return "\n## Pages of the manual\n\nInstalled by `make install` and the package: `man drover-rollout`.\n"
            + Markdown.table(["page", "command", "what it is for"], rows + [help])
    }

    private static func commands(
        below command: any ParsableCommand.Type, _ path: [String]
    ) -> [(path: [String], command: any ParsableCommand.Type)] {
        [(path, command)]
            + command.configuration.subcommands.filter { $0.configuration.shouldDisplay }
            .flatMap { commands(below: $0, path + [$0._commandName]) }
    }
}

extension DocumentSchema {
    /// What stands under `event` where all its objects have the same there.
    fileprivate var ownEvents: [String] {
        fields.flatMap { field -> [String] in
            if field.name == "event", case .word(let words) = field.shape { words } else { [] }
        }
    }
}
