import Foundation
import Testing

/// A real shell that completes with the script that Drover writes for it: bash by its function, zsh and fish interactively in a
/// pseudo-terminal.
enum CompletingShell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/\(rawValue)") }

    /// The words before the lines that run it and have it say what it offers.
    var offering: [String] {
        switch self {
        case .bash: ["bash", "-c", Self.bashScript, "bash"]
        case .zsh: ["zsh", "-fc", Self.asking, "zsh", "\u{18}\u{0f}", "zsh -d -i"]
        case .fish: ["zsh", "-fc", Self.asking, "zsh", "\u{18}\u{0f}", "fish --no-config -i -C 'source ~/init.fish'"]
        }
    }

    /// As above, for what stands on the line after the completion key.
    var typing: [String] { ["zsh", "-fc", Self.asking, "zsh", "\u{18}\u{14}", "zsh -d -i"] }

    /// What it reads from its home folder when it begins.
    var files: [String: String] {
        switch self {
        case .bash: [:]
        case .zsh: [".zshrc": Self.zshSettings]
        case .fish: ["init.fish": Self.fishSettings]
        }
    }

    private static let bashScript = #"""
        eval "$(drover --generate-completion-script bash)"
        for line; do
            COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
            read -ra COMP_WORDS <<<"$line"
            [[ $line == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _drover drover "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            echo --end
        done
        """#

    /// Types each line into a shell in a pseudo-terminal, then a key that has it answer between marks.
    private static let asking = #"""
        zmodload zsh/zpty
        key=$1 shell=$2
        shift 2
        zpty asked "$shell"
        zpty -r -m asked got '*<ready>*'
        for line; do
            zpty -n -w asked "$line$key"
            zpty -r -m asked got '*<end>*'
            got=${${got//$'\r'}#*<begin>}
            print -r -- "${${got%<end>*}#$'\n'}"
            echo --end
        done
        zpty -d asked
        """#

    /// A key lists what the completion hands to the shell's own builtin; another one completes.
    private static let zshSettings = #"""
        PROMPT= RPROMPT=
        autoload -Uz compinit
        compinit -u -D
        eval "$(drover --generate-completion-script zsh)"
        bindkey -e
        zle-line-init() { print "<ready>" }
        zle -N zle-line-init
        compadd() {
            if [[ "${@[1,(i)(-|--)]}" == *-(O|A|D)\ * ]]; then
                builtin compadd "$@"
                return
            fi
            local -a hits
            builtin compadd -A hits "$@"
            offered+=("${hits[@]}")
            builtin compadd "$@"
        }
        offers() {
            local -aU offered
            _main_complete
            compstate[insert]= compstate[list]=
            print "<begin>"
            print -rl -- $offered
            print "<end>"
        }
        zle -C offers complete-word offers
        ask() { zle offers; BUFFER= }
        zle -N ask
        bindkey '^X^O' ask
        zle -C whole complete-word _main_complete
        typed() { zle whole; print -r -- "<begin>$BUFFER<end>"; BUFFER= }
        zle -N typed
        bindkey '^X^T' typed
        """#

    private static let fishSettings = #"""
        function fish_prompt; end
        drover --generate-completion-script fish | source
        function offers
            echo "<begin>"
            complete -C (commandline)
            echo "<end>"
            commandline -r ''
        end
        bind \cx\co offers
        echo "<ready>"
        """#
}
