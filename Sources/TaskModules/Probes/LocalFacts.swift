import Fleet
import Foundation
import OrderedCollections
import Values

/// What the host's administrators state about it in `/etc/ansible/facts.d/*.fact`.
enum LocalFacts {
    static let names = ["local"]

    static let lines = [
        #"for p in /etc/ansible/facts.d/*.fact; do [ -f "$p" ] || continue; printf '\n@@ %s\n' "${p##*/}";"#,
        #"if [ -x "$p" ]; then "$p"; else cat "$p"; fi; done"#,
    ]

    static func parse(_ parts: FactParts) -> Variables {
        var facts: Variables = [:]
        for (file, lines) in parts.all("") {
            let text = lines.joined(separator: "\n")
            // What is no JSON is an INI file.
            facts[String(file.dropLast(".fact".count))] = (try? Value(json: text)) ?? sections(lines)
        }
        return ["local": facts.asMap]
    }

    /// An INI file's sections; option names are lower case, as Python's configparser has them.
    private static func sections(_ lines: [Substring]) -> Value {
        var sections: OrderedDictionary<String, Variables> = [:]
        var current: String?
        for line in lines {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("["), text.hasSuffix("]") {
                current = String(text.dropFirst().dropLast())
                if let current, sections[current] == nil { sections[current] = [:] }
            } else if let current, !text.isEmpty, !"#;".contains(text.prefix(1)),
                let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" })
            {
                let name = text[..<sign].trimmingCharacters(in: .whitespaces).lowercased()
                sections[current]?[name] = .string(
                    text[text.index(after: sign)...].trimmingCharacters(in: .whitespaces))
            }
        }
        return Variables(uniqueKeysWithValues: sections.map { ($0.key, $0.value.asMap) }).asMap
    }
}

/// The host's Python. Drover needs none, so there may be none.
enum PythonFacts {
    static let names = ["python", "python_version"]

    static let lines = [
        "printf '@@ python\\n'",
        "p=$(command -v python3) && \"$p\" -c 'import sys; sys.stdout.write(\"%s %s %s %s %s\\n\" % sys.version_info[:5] + sys.executable)'",
    ]

    static func parse(_ parts: FactParts) -> Variables {
        let lines = parts["python"].map(String.init)
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 5, lines.count > 1 else { return [:] }
        let numbers = words.map { Int($0).map(Value.int) ?? .string($0) }
        let version: Variables = Variables(
            uniqueKeysWithValues: zip(["major", "minor", "micro", "releaselevel", "serial"], numbers))
        return [
            "python_version": .string(words[..<3].joined(separator: ".")),
            "python": .map([
                "version": version.asMap, "version_info": .list(numbers), "executable": .string(lines[1]),
                "type": .string("cpython"),
            ]),
        ]
    }
}
