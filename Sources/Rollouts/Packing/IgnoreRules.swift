import Fleet
import Foundation

/// What a `.droverignore` leaves out of a build, in the words of gitignore: blank lines and `#` comments, `!` for what is taken
/// all the same, a `/` at the end for folders alone, one elsewhere for paths from the top, `*`, `?`, `[a-z]`, `**`, and `\`
/// before what is meant literally. The last line that fits a path counts.
struct IgnoreRules: Sendable {
    /// The file's name.
    static let fileName = ".droverignore"
    /// The most bytes that it may have.
    private static let longest = 1 << 20

    private struct Rule: Sendable {
        let segments: [String]
        let isTaken: Bool
        let isForFolders: Bool
    }

    private let rules: [Rule]

    /// What the lines of `text` say.
    init(_ text: String) { rules = text.split(whereSeparator: \.isNewline).compactMap(Self.rule) }

    /// What the file at the top of `folder` says; nothing without one.
    /// - Throws: ``InputError`` for one that cannot be read.
    static func read(in folder: String) throws(InputError) -> Self {
        let path = "\(folder)/\(fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return Self("") }
        guard let data = FileManager.default.contents(atPath: path), data.count <= longest,
            let text = String(bytes: data, encoding: .utf8)
        else {
            throw InputError(
                .unreadable, "the file cannot be read", at: SourceLocation(file: path),
                hints: ["it has to be UTF-8 text of at most 1 MiB"])
        }
        return Self(text)
    }

    /// Whether what lies at `path`, seen from the top, is left out. What is in a folder that is left out is never asked about.
    func leavesOut(_ path: String, isFolder: Bool) -> Bool {
        let parts = path.split(separator: "/").map(String.init)
        let last = rules.last { rule in
            (isFolder || !rule.isForFolders) && Self.fits(rule.segments[...], parts[...])
        }
        return last.map { !$0.isTaken } ?? false
    }

    private static func rule(_ line: Substring) -> Rule? {
        var text = trimmed(line)
        guard !text.isEmpty, !text.hasPrefix("#") else { return nil }
        let isTaken = text.hasPrefix("!")
        if isTaken { text = text.dropFirst() }
        let isForFolders = text.hasSuffix("/")
        if isForFolders { text = text.dropLast() }
        let isFromTop = text.contains("/")
        if text.hasPrefix("/") { text = text.dropFirst() }
        guard !text.isEmpty else { return nil }
        // As with git, nothing fits a pattern with two slashes beside each other.
        let segments = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        return Rule(segments: isFromTop ? segments : ["**"] + segments, isTaken: isTaken, isForFolders: isForFolders)
    }

    /// Without the blanks at its end, unless a `\` keeps the last one.
    private static func trimmed(_ line: Substring) -> Substring {
        var text = line
        while let last = text.last, last == " " {
            let rest = text.dropLast()
            if rest.reversed().prefix(while: { $0 == "\\" }).count % 2 == 1 { break }
            text = rest
        }
        return text
    }

    private static func fits(_ pattern: ArraySlice<String>, _ parts: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return parts.isEmpty }
        let rest = pattern.dropFirst()
        guard first == "**" else {
            guard let part = parts.first, fnmatch(first, part, 0) == 0 else { return false }
            return fits(rest, parts.dropFirst())
        }
        // At the end it stands for everything inside, else for any number of folders.
        if rest.isEmpty { return !parts.isEmpty }
        return parts.indices.contains { fits(rest, parts[$0...]) }
    }
}
