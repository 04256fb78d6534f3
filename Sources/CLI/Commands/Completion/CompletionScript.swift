import ArgumentParser
import Foundation

/// The script for a shell that the argument parser writes, with what it lacks: `drover rollout STAGE BUILD` is completed as
/// `drover rollout start STAGE BUILD` is, zsh knows `--option=value` and goes on within a folder, and fish 3 is asked for the
/// cursor's place in words that it knows.
enum CompletionScript {
    /// The shell that `arguments` ask a script for.
    static func shell(in arguments: [String]) -> String? {
        let flag = "--generate-completion-script"
        guard let place = arguments.firstIndex(where: { $0 == flag || $0.hasPrefix("\(flag)=") }) else { return nil }
        if arguments[place] != flag { return String(arguments[place].dropFirst(flag.count + 1)) }
        return arguments.dropFirst(place + 1).first
    }

    /// `script` for `shell`, completed.
    static func completed(_ script: String, for shell: String) -> String {
        switch shell {
        case "bash": withStartInBash(script)
        case "zsh": withFolders(withStartInZsh(withJoinedValues(script)))
        case "fish": withStartInFish(script).replacing("(__drover_tokens -tC)", with: "(commandline -tC)")
        default: script
        }
    }

    // MARK: rollout's own subcommand, left out

    /// The stage's place in `drover rollout start`.
    private static let stage = "---completion rollout start -- positional@0"

    /// Those of `drover rollout`; at the last of them a script ends to offer them.
    private static let subcommands = Drover.RolloutCommand.configuration.subcommands
    private static let lastSubcommand = subcommands.last?._commandName ?? ""

    private static func withStartInBash(_ script: String) -> String {
        let names = subcommands.map { $0._commandName }.joined(separator: " ")
        let offer = #"COMPREPLY+=($(compgen -W '\#(names)' -- "${cur}"))"#
        return script.replacing(
            offer,
            with: """
                [[ ${#unparsed_words[@]} -gt 0 ]] || \(offer)
                        unparsed_words=("${subcommand}" "${unparsed_words[@]}")
                        _drover_rollout_start
                """)
    }

    private static func withStartInZsh(_ script: String) -> String {
        let abstract = subcommands.last?.configuration.abstract ?? ""
        let names = "'\(lastSubcommand):\(abstract)'\n        )\n"
        let offer = "        _describe -V subcommand subcommands && ret=0\n"
        let call = #"            "_drover_rollout_${words[1]}" && ret=0"# + "\n            ;;\n"
        let index = #""${current_word_index}" "$(__drover_cursor_index_in_current_word)""#
        return script.replacing(
            names + offer, with: names + offer + "        __drover_custom_complete \(stage) \(index) && ret=0\n"
        ).replacing(
            call,
            with: call + """
                        *)
                            words=(start "${words[@]}")
                            ((CURRENT++))
                            _drover_rollout_start && ret=0
                            ;;

                """)
    }

    private static func withStartInFish(_ script: String) -> String {
        var lines: [Substring] = []
        var parsesStart: Substring?
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            lines.append(line)
            if lines.suffix(2).first?.hasSuffix("case 'start'") == true, line.contains("'skip-evidence='") {
                parsesStart = line
            }
            if let start = parsesStart, lines.suffix(2).first?.hasSuffix("case '\(lastSubcommand)'") == true {
                lines += [
                    "            case '*'", "                if set -q unparsed_tokens[1]",
                    "                    set -p unparsed_tokens start", "    " + start, "                end",
                ]
                parsesStart = nil
            }
            if line.contains(#""drover rollout" -eq 1' -fa '\#(lastSubcommand)'"#) {
                lines.append(
                    """
                    complete -c 'drover' -n '__drover_should_offer_completions_for_positional "drover rollout" -eq 1' \
                    -fka '(__drover_custom_completion \(stage) (count (__drover_tokens -pc)) (__drover_tokens -tC))'
                    """)
            }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: zsh

    /// zsh takes `--option=value` for one word of another kind, unless an option's name ends with `=`.
    private static func withJoinedValues(_ script: String) -> String {
        script.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
            guard line.firstMatch(of: #/^ +'.*[^\\]\]:/#) != nil else { return String(line) }
            return String(line).replacing(#/\{(-[a-zA-Z,-]+)\}'\[/#, maxReplacements: 1) { found in
                "{\(found.output.1.split(separator: ",").map { joined($0) }.joined(separator: ","))}'["
            }.replacing(#/^( +'\*?)(-[a-zA-Z-]+)\[/#) { "\($0.output.1)\(joined($0.output.2))[" }
        }.joined(separator: "\n")
    }

    private static func joined(_ option: Substring) -> String { option.hasPrefix("--") ? "\(option)=" : "\(option)+" }

    /// A folder is followed by what is in it, not by a blank.
    private static func withFolders(_ script: String) -> String {
        script.replacing(
            "_describe -V '' non_empty_completions -- ",
            with: """
                local -ar files=("${non_empty_completions[@]:#*/}")
                    local -ar folders=("${(M)non_empty_completions[@]:#*/}")
                    _describe -V '' files -- folders -S '' -- 
                """)
    }
}
