# Counts code lines of functions: no comments, no lines inside multi-line literals. Relies on the formatter's indentation.
FNR == 1 { name = ""; literal = 0 }
{
    quotes = gsub(/"""/, "&")
    if (literal) { if (quotes % 2 == 1) literal = 0; next }
    if (quotes % 2 == 1) literal = 1
}
/^ *(\/\/|$)/ { next }
name != "" { lines += 1 }
name != "" && index($0, indent "}") == 1 { if (lines > most) printf "%s:%d: %s takes %d lines\n", FILENAME, start, name, lines; name = ""; next }
/^ *((public|package|internal|private|fileprivate|static|final|override|mutating|nonmutating|consuming|nonisolated|convenience|required|indirect|class|@[A-Za-z]+(\([^)]*\))?) )*(func |init[?(<]|deinit|subscript[(<])/ {
    indentation = $0; sub(/[^ ].*/, "", indentation)
    if (name == "" || indentation == indent) {
        indent = indentation; name = $0; sub(/^ */, "", name); sub(/[({].*/, "", name); start = FNR; lines = 1
        if (/\{.*\}$/) name = ""
    }
}
