import Foundation
import Glibc
import Values

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

    /// What has to hold for the lines that follow.
    private struct Scope {
        /// The `Host` lines, all of which must match.
        var conditions: [NamePattern] = []
        /// Whether `ssh` alone can say whom they are about.
        var isInMatch = false
        /// Whether a program, or where this machine is, decides that.
        var isLive = false
    }

    /// A setting that could matter.
    private struct Clause {
        var conditions: [NamePattern]
        /// Whether Drover has to know it; the others matter to whoever lets `ssh` connect.
        var isAskedFor = true
        var mayNameHost = false
        var dependsOnHost: Bool
        var dependsOnSurroundings: Bool
    }

    private var clauses: [Clause] = []
    /// Private keys that the files name, for whichever host, as they stand there.
    private(set) var keys: [String] = []
    /// Every file that was read, or would have been if it existed.
    private(set) var files: [String] = []
    private let home: String
    private static let deepest = 16
    /// Files that include one another would be read without end.
    private static let mostFiles = 1024

    /// The user's home folder, as `ssh` itself finds it, whatever $HOME is.
    static var home: String { getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) } ?? NSHomeDirectory() }

    /// Reads the files that `configuration` means.
    init(_ configuration: OpenSSHClient.Configuration, home: String = Self.home) {
        self.home = home
        switch configuration {
        case .usual:
            read(home + "/.ssh/config", under: home + "/.ssh", Scope(), depth: 0)
            read("/etc/ssh/ssh_config", under: "/etc/ssh", Scope(), depth: 0)
        // Wherever it is, what it includes is looked for where the user's own file is.
        case .file(let path): read(path, under: home + "/.ssh", Scope(), depth: 0)
        }
    }

    private func matching(_ name: String) -> [Int] {
        // A second reading (`Match final`) knows the host by its name in small letters.
        let names = [name, name.lowercased()]
        return clauses.indices.filter { index in
            names.contains { name in clauses[index].conditions.allSatisfy { $0.matches(name) } }
        }
    }

    /// What the files have to do with a host of this name.
    func concern(for name: String) -> Concern {
        let matching = matching(name).filter { clauses[$0].isAskedFor }
        if matching.isEmpty { return .none }
        return matching.contains { clauses[$0].dependsOnHost } ? .own : .shared(matching)
    }

    /// Whether a host of this name may be connected to by another one.
    func mayNameHost(_ name: String) -> Bool { matching(name).contains { clauses[$0].mayNameHost } }

    /// Whether what holds for a host of this name may be something else in another process of the same user at the same time,
    /// or in this one at another time.
    func dependsOnSurroundings(for name: String) -> Bool {
        matching(name).contains { clauses[$0].dependsOnSurroundings }
    }

    // MARK: Reading

    private mutating func read(_ file: String, under folder: String, _ outer: Scope, depth: Int) {
        guard depth < Self.deepest, files.count < Self.mostFiles else { return }
        files.append(file)
        guard let data = FileManager.default.contents(atPath: file) else { return }
        var scope = outer
        for text in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let line = ConfigurationLine(text) else { continue }
            // Let `ssh` say what is wrong, to whoever asks for anything.
            if line.isBroken { add(Scope()) }
            switch line.keyword {
            case "host": scope = Self.scope(host: line.words, in: outer)
            case "match": scope = Self.scope(match: line.words, in: outer)
            case "include": include(line.words, under: folder, scope, depth: depth)
            case let keyword where scope.isLive || !HarmlessSettings.names.contains(keyword):
                take(keyword, line.words, scope)
            default: continue
            }
        }
    }

    private static func scope(host words: [String], in outer: Scope) -> Scope {
        var scope = outer
        scope.conditions.append(NamePattern(exactly: words))
        return scope
    }

    private static func scope(match words: [String], in outer: Scope) -> Scope {
        let words = words.map { $0.lowercased().drop { $0 == "!" } }
        var scope = outer
        if words.allSatisfy({ ["all", "canonical", "final"].contains($0) }) { return scope }
        scope.isInMatch = true
        let live = ["exec", "localnetwork"]
        scope.isLive =
            outer.isLive || words.contains { word in live.contains { word == $0 || word.hasPrefix($0 + "=") } }
        return scope
    }

    private mutating func take(_ keyword: String, _ words: [String], _ scope: Scope) {
        let hasTokens = keyword != "proxycommand" && words.contains { $0.contains("%") }
        add(
            scope, dependsOnHost: hasTokens || keyword == "canonicalizehostname",
            dependsOnSurroundings: words.contains { $0.contains("${") })
        clauses[clauses.count - 1].isAskedFor = !HarmlessSettings.names.contains(keyword)
        clauses[clauses.count - 1].mayNameHost = ["hostname", "canonicalizehostname"].contains(keyword)
        if keyword == "identityfile" { keys.append(words.joined(separator: " ")) }
    }

    private mutating func add(_ scope: Scope, dependsOnHost: Bool = false, dependsOnSurroundings: Bool = false) {
        clauses.append(
            Clause(
                conditions: scope.conditions, dependsOnHost: scope.isInMatch || dependsOnHost,
                dependsOnSurroundings: scope.isLive || dependsOnSurroundings))
    }

    private mutating func include(_ words: [String], under folder: String, _ scope: Scope, depth: Int) {
        for word in words {
            // Newer ones put something there, which may be different for each host.
            if word.contains("%") || word.contains("${") {
                add(scope, dependsOnHost: true, dependsOnSurroundings: true)
            }
            for path in paths(word, under: folder) { read(path, under: folder, scope, depth: depth + 1) }
        }
    }

    private func paths(_ pattern: String, under folder: String) -> [String] {
        let path =
            if pattern.hasPrefix("~/") {
                home + pattern.dropFirst()
            } else if pattern.hasPrefix("~") {
                HomeFolder.expanding(pattern)
            } else if pattern.hasPrefix("/") {
                pattern
            } else {
                "\(folder)/\(pattern)"
            }
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(path, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }
}
