# The gates of scripts/check. Each prints what is wrong and returns non-zero.

# Which modules a module may import; the design's section 3. CLI may import all of them.
allowed_imports() {
    case $1 in
    Fleet | CLibSSH2) echo "OrderedCollections" ;;
    Templating) echo "Fleet OrderedCollections Crypto" ;;
    Inventories) echo "Fleet OrderedCollections Yams Crypto CryptoExtras" ;;
    Playbooks) echo "Fleet Templating Inventories OrderedCollections Crypto" ;;
    Rollouts) echo "Fleet OrderedCollections" ;;
    SSH) echo "Fleet CLibSSH2 Crypto" ;;
    Balancing) echo "Fleet" ;;
    Journaling) echo "Fleet GRDB" ;;
    Lab) echo "Fleet Subprocess SystemPackage" ;;
    drover) echo "CLI" ;;
    CLI) echo "Fleet Templating Inventories Playbooks Rollouts SSH Balancing Journaling Lab ArgumentParser \
OrderedCollections Crypto Subprocess SystemPackage TextTable" ;;
    *) return 1 ;;
    esac
}

# Part of the toolchain: free to all but Fleet, which stays small.
toolchain="Foundation FoundationEssentials FoundationNetworking Synchronization Dispatch Glibc"

gate_format() { swift format lint --strict --recursive --parallel Package.swift Sources Tests; }

gate_imports() {
    local bad=0 folder module allowed file name
    for folder in Sources/*/; do
        module=$(basename "$folder")
        if ! allowed=$(allowed_imports "$module"); then
            echo "Sources/$module: not a module of the design (add its import rule to scripts/gates.sh)"
            bad=1
            continue
        fi
        [ "$module" = Fleet ] || allowed="$allowed $toolchain"
        while IFS=: read -r file name; do
            case " $allowed " in
            *" $name "*) ;;
            *) echo "$file: $module must not import $name" && bad=1 ;;
            esac
        done < <(grep -rHoE '^(@[A-Za-z_]+ )?((public|internal|package|private|fileprivate) )?import ((struct|func|class|enum|protocol|typealias|var|let) )?[A-Za-z_0-9]+' \
            --include='*.swift' "$folder" | sed -E 's/:.*import ((struct|func|class|enum|protocol|typealias|var|let) )?/:/')
    done
    return "$bad"
}

# found TITLE: fails and shows standard input when there is any.
found() {
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return 0
    printf '%s\n%s\n' "$1" "$lines"
    return 1
}

gate_words() {
    local bad=0
    grep -rnE '(^|[^.[:alnum:]_])print\(' Sources --include='*.swift' | found "print outside the terminal:" || bad=1
    grep -rnE 'ContinuousClock(\(\))?\.now|SuspendingClock|Date\(\)|\.random\(|SystemRandomNumberGenerator' \
        Sources/Rollouts Sources/Templating Sources/Fleet --include='*.swift' 2>/dev/null |
        found "clock or chance where decisions are pure:" || bad=1
    grep -rnE '\b(TODO|FIXME|XXX)\b|fatalError\("(un|not )?implemented' Sources scripts/*.sh playbooks |
        grep -v '^scripts/gates.sh' | found "left open:" || bad=1
    grep -rnE 'Task\.sleep|usleep\(|[^a-z.]sleep\(' Tests --include='*.swift' | grep -v 'func sleep(' | found "tests that wait by time:" || bad=1
    find Sources Tests \( -iname '*util*.swift' -o -iname '*helper*.swift' -o -iname '*common*.swift' -o -iname '*manager*.swift' \
        -o -iname 'core*.swift' \) | found "drawers (name a file after what is in it):" || bad=1
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
    return "$bad"
}
