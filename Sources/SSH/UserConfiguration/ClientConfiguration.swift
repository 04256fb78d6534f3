import Foundation
import Glibc

/// What the files that configure OpenSSH's client are about, read only to know whom it is worth asking `ssh -G` for, and
/// whose answers are the same.
struct ClientConfiguration: Sendable {
    /// What the files have to do with a host.
    enum Concern: Hashable, Sendable {
        /// They say nothing about it that could matter.
        case none
        /// The settings with these numbers matter, and mean the same for every host that they are about.
        case shared([Int])
        /// Something matters that depends on the host itself.
        case own
    }

    /// A setting that could matter, and the `Host` lines above it, all of which must match.
    private struct Clause {
        var conditions: [NamePattern]
        var dependsOnHost: Bool
    }

    private var clauses: [Clause] = []
    /// Private keys that the files name, for whichever host, as they stand there.
    private(set) var keys: [String] = []
    private let home: String
    private static let deepest = 16
    /// Files that include one another would be read without end.
    private var filesLeft = 1024

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
            read(file, under: folder, [], isInMatch: false, depth: 0)
        }
    }

    /// What the files have to do with `host`.
    func concern(for host: String) -> Concern {
        let name = host.lowercased()
        let matching = clauses.indices.filter { clauses[$0].conditions.allSatisfy { $0.matches(name) } }
        if matching.isEmpty { return .none }
        return matching.contains { clauses[$0].dependsOnHost } ? .own : .shared(matching)
    }

    private mutating func read(
        _ file: String, under folder: String, _ outer: [NamePattern], isInMatch isOuterMatch: Bool, depth: Int
    ) {
        guard depth < Self.deepest, filesLeft > 0, let data = FileManager.default.contents(atPath: file) else { return }
        filesLeft -= 1
        var conditions = outer
        var isInMatch = isOuterMatch
        for line in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            var words = line.split { " \t=\"".contains($0) }[...]
            guard let keyword = words.popFirst()?.lowercased(), !keyword.hasPrefix("#") else { continue }
            switch keyword {
            case "host":
                conditions = outer + [NamePattern(words.joined(separator: ",")[...])].compactMap(\.self)
                isInMatch = isOuterMatch
            // Only `ssh` itself can say whom it is about.
            case "match": (conditions, isInMatch) = (outer, true)
            case "include":
                for path in words.flatMap({ paths($0, under: folder) }) {
                    read(path, under: folder, conditions, isInMatch: isInMatch, depth: depth + 1)
                }
            case _ where Self.settings.contains(keyword):
                let hasTokens = keyword != "proxycommand" && words.contains { $0.contains("%") }
                let dependsOnHost = isInMatch || hasTokens || keyword == "canonicalizehostname"
                clauses.append(Clause(conditions: conditions, dependsOnHost: dependsOnHost))
                if keyword == "identityfile" { keys.append(words.joined(separator: " ")) }
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
