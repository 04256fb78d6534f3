import Foundation
import Glibc

/// What the files that configure OpenSSH's client are about, read only to know whom it is worth asking `ssh -G` for.
struct ClientConfiguration: Sendable {
    /// A setting that could matter, and the `Host` lines above it, all of which must match.
    private struct Clause {
        var conditions: [NamePattern]
    }

    private var clauses: [Clause] = []
    private let home: String
    private static let deepest = 16

    /// Settings that change how a host is reached.
    private static let settings: Set<String> = [
        "hostname", "user", "port", "identityfile", "identityagent", "userknownhostsfile", "globalknownhostsfile",
        "stricthostkeychecking", "proxyjump", "proxycommand", "connecttimeout", "hostkeyalias",
        "canonicalizehostname",
    ]

    /// Reads `files`; relative names in them are under each one's folder.
    init(files: [String], home: String) {
        self.home = home
        for file in files {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            read(file, under: folder, [], depth: 0)
        }
    }

    /// Whether a file says anything about `host` that could matter.
    func matters(for host: String) -> Bool {
        let name = host.lowercased()
        return clauses.contains { $0.conditions.allSatisfy { $0.matches(name) } }
    }

    private mutating func read(_ file: String, under folder: String, _ outer: [NamePattern], depth: Int) {
        guard depth < Self.deepest, let data = FileManager.default.contents(atPath: file) else { return }
        var conditions = outer
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            var words = line.split { " \t=\"".contains($0) }[...]
            guard let keyword = words.popFirst()?.lowercased(), !keyword.hasPrefix("#") else { continue }
            switch keyword {
            case "host": conditions = outer + [NamePattern(words.joined(separator: ",")[...])].compactMap(\.self)
            // Only `ssh` itself can say whom it is about.
            case "match": conditions = outer
            case "include":
                for path in words.flatMap({ paths($0, under: folder) }) {
                    read(path, under: folder, conditions, depth: depth + 1)
                }
            case _ where Self.settings.contains(keyword): clauses.append(Clause(conditions: conditions))
            default: continue
            }
        }
    }

    private func paths(_ pattern: Substring, under folder: String) -> [String] {
        let path =
            if pattern.hasPrefix("~/") {
                home + pattern.dropFirst()
            } else if pattern.hasPrefix("/") {
                String(pattern)
            } else {
                "\(folder)/\(pattern)"
            }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }
}
