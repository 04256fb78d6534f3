# The gates of scripts/check. Each prints what is wrong and returns non-zero. What they hold us to stands in
# docs/architecture.md; scripts/check-self-test breaks each of them.

# The modules, the outside things among them, and the toolchain's own.
modules="Fleet Values Templating Inventories TaskModules Playbooks AdHoc Rollouts Sampling Insight SSH Balancing Journaling Web Lab CLI"
outside="ArgumentParser AsyncHTTPClient CLibSSH2 Crypto CryptoExtras DequeModule GRDB HeapModule NIOCore NIOHTTP1 NIOPosix NIOSSL OrderedCollections Subprocess SystemPackage TextTable CYaml"
# Free to all but Fleet, which stays small: a lock is all it takes of the toolchain.
toolchain="Foundation FoundationEssentials Synchronization Dispatch Glibc"

# Which modules and outside things a module may import. Engines decide and never import drivers; drivers do and never import
# engines or one another; each outside thing has one owner (collections and digests are everybody's).
allowed_imports() {
    case $1 in
    CLibSSH2) ;;
    Fleet) echo "OrderedCollections DequeModule Synchronization" ;;
    Values) echo "Fleet OrderedCollections CYaml Crypto CryptoExtras $toolchain" ;;
    Templating | Inventories | TaskModules) echo "Fleet Values OrderedCollections Crypto $toolchain" ;;
    Playbooks) echo "Fleet Values Templating Inventories TaskModules OrderedCollections Crypto $toolchain" ;;
    AdHoc) echo "Fleet Values Inventories OrderedCollections Crypto $toolchain" ;;
    Rollouts) echo "Fleet Values Inventories OrderedCollections Crypto Subprocess $toolchain" ;;
    # What runs on a host weighs little: no Foundation in it.
    Sampling) ;;
    Insight) echo "Fleet Values Sampling OrderedCollections $toolchain" ;;
    Agent) echo "Sampling Synchronization Glibc" ;;
    drover-agent) echo "Agent Glibc" ;;
    SSH) echo "Fleet Values CLibSSH2 OrderedCollections HeapModule Crypto $toolchain" ;;
    Balancing) echo "Fleet Values OrderedCollections $toolchain" ;;
    Journaling) echo "Fleet Values GRDB $toolchain" ;;
    Web) echo "Fleet Values AsyncHTTPClient NIOCore NIOHTTP1 NIOPosix NIOSSL $toolchain" ;;
    Lab) echo "Fleet Values Subprocess SystemPackage $toolchain" ;;
    CLI) echo "$modules ArgumentParser OrderedCollections Crypto Subprocess SystemPackage TextTable $toolchain" ;;
    drover) echo "CLI $toolchain" ;;
    *) return 1 ;;
    esac
}

# Where a planner's module may read the clock, chance, the environment or the time zone, and why.
impure_files() {
    cat <<'END'
Sources/Playbooks/Scope/ControllerLookups.swift what templates may reach on this machine is put together here
Sources/Playbooks/Reading/FileSearch.swift the vault's own helper programs are looked for on PATH
Sources/Rollouts/Builds/IncomingBuild.swift a build is copied under a name that nobody else has
Sources/Rollouts/Gates/CommandGate.swift what a gate's command writes goes to a file that nobody else has
Sources/Rollouts/Signing/SigningTool.swift a signature is handed to ssh-keygen in a file that nobody else has
END
}

# found TITLE: fails and shows standard input when there is any.
found() {
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return 0
    printf '%s\n%s\n' "$1" "$lines"
    return 1
}

# Where the formatter looks; the self-test narrows it, since a whole tree takes it seconds.
formatted="Package.swift Sources Tests"

# shellcheck disable=SC2086
gate_format() { swift format lint --strict --recursive --parallel $formatted; }

# Every import: file:module.
imports() {
    grep -rHoE '^(@[A-Za-z_]+ )?((public|internal|package|private|fileprivate) )?import ((struct|func|class|enum|protocol|typealias|var|let) )?[A-Za-z_0-9]+' \
        --include='*.swift' "$1" | sed -E 's/:.*import ((struct|func|class|enum|protocol|typealias|var|let) )?/:/'
}

gate_imports() {
    local bad=0 folder module allowed file name
    for folder in Sources/*/; do
        module=$(basename "$folder")
        if ! allowed=$(allowed_imports "$module"); then
            echo "Sources/$module: not a module of docs/architecture.md (add its import rule to scripts/gates.sh)"
            bad=1
            continue
        fi
        while IFS=: read -r file name; do
            case " $allowed " in
            *" $name "*) ;;
            *) echo "$file: $module must not import $name" && bad=1 ;;
            esac
        done < <(imports "$folder")
    done
    return "$bad"
}

# Every type at the top level of a file: file:name.
top_level_types() {
    grep -rHoE '^((public|package|internal|private|fileprivate) )?((final|indirect|nonisolated|nonisolated\(unsafe\)|@[A-Za-z]+) )*(struct|class|enum|actor|protocol|typealias) [A-Za-z_0-9]+' \
        --include='*.swift' Sources | sed -E 's/:.* /:/'
}

# Words that the house had for what the field has a word for.
dropped_words='Tell(er|ing)|Wish|Sight(ing)?|Fault|Turnstile|Foresight|LookingAhead|Settling|Surroundings|Outbox|Stepper|PasswordGate|Shelf|HostGroup|SealedValues|Greeting'

gate_names() {
    local bad=0 types
    types=$(top_level_types)
    awk -F: '{count[$2]++; files[$2] = files[$2] " " $1} END {for (name in count) if (count[name] > 1) print name ":" files[name]}' <<<"$types" |
        sort | found "top-level types with the same name:" || bad=1
    grep -E ":($(ls Sources | paste -sd '|'))$" <<<"$types" |
        found "types that bear a module's name, so that Swift cannot tell the module's other types from their members:" || bad=1
    grep -E ':.*(Core|Utils?|Utilities|Utility|Helpers?|Common|Manager)$' <<<"$types" |
        found "drawers (name a type after what it is):" || bad=1
    find Sources Tests \( -iname '*util*' -o -iname '*helper*' -o -iname '*common*' -o -iname '*manager*' -o -iname 'core*' \) \
        \( -name '*.swift' -o -type d \) -not -path '*/Recorded/*' -not -path '*/Cases/*' |
        found "drawers (name a file after what is in it):" || bad=1
    grep -rnE "\b(struct|class|enum|actor|protocol|typealias) [A-Za-z]*($dropped_words)(e?s)?([A-Z][A-Za-z0-9]*)?\b" Sources --include='*.swift' |
        found "words that the field has others for (docs/architecture.md, Words):" || bad=1
    return "$bad"
}

# What is plugged in where is decided in one folder: nothing else in CLI makes a driver that fills a port of Fleet.
gate_wiring() {
    local drivers
    drivers=$(grep -rhoE '^public (final )?(struct|class|actor) [A-Za-z]+: [^{]*\b(Connector|TrafficControl|RunJournal|WebClient|OpenSSHSettings)\b' \
        --include='*.swift' Sources/SSH Sources/Balancing Sources/Journaling $([ -d Sources/Web ] && echo Sources/Web) |
        sed -E 's/^public (final )?(struct|class|actor) ([A-Za-z]+):.*/\3/' | paste -sd '|')
    [ -n "$drivers" ] || { echo "no driver fills a port of Fleet" && return 1; }
    grep -rnE "\b($drivers)(\.init)?\(" Sources/CLI --include='*.swift' |
        grep -v '^Sources/CLI/Wiring/' |
        found "drivers plugged in outside Sources/CLI/Wiring:"
}

# What planners must not ask: they take values and return values.
gate_purity() {
    local bad=0 file reason
    while read -r file reason; do
        [ -f "$file" ] || { echo "$file: named as impure in scripts/gates.sh, but not there" && bad=1; }
    done < <(impure_files)
    for file in Rollouts Insight Sampling Templating Fleet Values Playbooks TaskModules; do
        [ -d "Sources/$file" ] && grep -rnE \
            '(Continuous|Suspending)Clock(\(\))?\.now|\bDate\(\)|\bDate\.now|gettimeofday|clock_gettime|\btime\(nil|\.random(Element)?\(|\bshuffled\(\)|SystemRandomNumberGenerator|arc4random|getrandom|\bUUID\(\)|ProcessInfo|\bgetenv\(|\benviron\b|CommandLine\.|TimeZone|localtime|mktime|Locale\.current|Calendar\.current' \
            "Sources/$file" --include='*.swift'
    done | grep -vE '^[^:]*:[0-9]+: *//' | grep -vFf <(impure_files | sed 's/ .*/:/') |
        found "clock, chance, environment or time zone where decisions are pure:" || bad=1
    return "$bad"
}

gate_size() {
    local bad=0
    find Sources Tests -name '*.swift' -exec wc -l {} + | awk '$1 > 400 && $2 != "total" {print $2 ": " $1 " lines"}' |
        found "files of more than 400 lines (divide along a seam):" || bad=1
    # What writes a journal's event is a table: a case a line or three.
    find Sources -name '*.swift' -exec awk -v most=40 -f scripts/function-lengths.awk {} + |
        grep -v '^Sources/Rollouts/Model/RolloutEvent.swift:.* encode ' | found "functions of more than 40 lines:" || bad=1
    return "$bad"
}

gate_words() {
    local bad=0
    grep -rnE '(^|[^.[:alnum:]_])print\(' Sources --include='*.swift' | found "print outside the terminal:" || bad=1
    grep -rnE '\b(TODO|FIXME|XXX)\b|fatalError\("(un|not )?implemented' Sources scripts/*.sh playbooks |
        grep -v '^scripts/gates.sh' | found "left open:" || bad=1
    grep -rniE "the design's (section|part)|\b(design|house|style)\.md" README.md CONTRIBUTING.md docs Sources Tests scripts playbooks examples |
        grep -vE '^scripts/(gates.sh|check-self-test)' | found "cites what the repository does not hold (docs/architecture.md does):" || bad=1
    # A promise to the compiler carries its reason on the next line; an error passed over carries it there or before.
    grep -rnA1 -E '@unchecked Sendable|nonisolated\(unsafe\)' Sources --include='*.swift' |
        awk 'function tell() {if (held != "") print held; held = ""}
            /@unchecked Sendable|nonisolated\(unsafe\)/ {tell(); held = $0; next}
            /^--$/ {tell(); next} /\/\// {held = ""} {tell()} END {tell()}' |
        found "promises to the compiler without a reason on the next line:" || bad=1
    grep -rnB1 -E '(^|[^[:alnum:]])try\?' Sources --include='*.swift' |
        awk '/^--$/ {before = ""; next} /(^|[^[:alnum:]])try\?/ {if ($0 !~ /\/\// && before !~ /\/\//) print; before = $0; next} {before = $0}' |
        found "errors passed over without a reason:" || bad=1
    return "$bad"
}

# A test awaits the event. A host's command may last (what ends it is the event), and may look again and again for one.
gate_waiting() {
    local bad=0
    grep -rnE 'Task\.sleep|usleep\(|[^a-z.]sleep\(' Tests --include='*.swift' | grep -v 'func sleep(' |
        found "tests that wait by time:" || bad=1
    grep -rnE '(^|[^A-Za-z_.-])sleep ([0-4]|[0-4]?\.[0-9]+)($|[^0-9.])' Tests scripts --include='*.swift' --include='*.sh' --include='*.yml' --include='*.py' |
        grep -vE '(^|[ ;"])(do|do .*;) *sleep |^scripts/gates.sh|^Tests/PlaybooksTests/(Registered|Recorded|Refused)/' |
        found "scripts of tests that wait by time:" || bad=1
    return "$bad"
}

gate_top_level() {
    ls -A | grep -vxE 'Package.swift|Sources|Tests|inventory|playbooks|README.md|drover.yml|Makefile|LICENSE|CONTRIBUTING.md|docs|examples|Benchmarks|scripts|Package.resolved|\..*' |
        found "top-level entries outside the house rules:"
}

gate_links() {
    local bad=0 page link
    for page in README.md CONTRIBUTING.md docs/*.md examples/*/README.md; do
        [ -f "$page" ] || continue
        while read -r link; do
            [ -e "$(dirname "$page")/$link" ] || { echo "$page: link to $link, which does not exist" && bad=1; }
        done < <(grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -vE '^[a-z]+:')
    done
    # The page on architecture names what is in Sources as `Module/Folder`, several as `Module/{One,Two}`.
    for page in $(grep -oE '`[A-Z][A-Za-z]+/[A-Za-z/{},.+]+`' docs/architecture.md | tr -d '`'); do
        for link in $(eval "echo $page"); do
            [ -e "$link" ] || [ -e "Sources/$link" ] || [ -e "Sources/$link.swift" ] ||
                { echo "docs/architecture.md: $link, which does not exist" && bad=1; }
        done
    done
    return "$bad"
}
