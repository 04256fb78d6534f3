import Fleet

/// What a host's units start from the current release, by systemd's own account.
struct UnitPrograms: Hashable, Sendable {
    /// One program that a unit starts.
    struct Start: Hashable, Sendable {
        /// Its path in the release.
        var path: String
        var unit: String
        /// Whether the kernel runs it itself: then it has to be executable.
        var isExecuted = true
    }

    /// Each path once.
    private(set) var starts: [Start] = []

    /// Reads `exec=UNIT { path=… ; argv[]=… ; … }` lines. A unit that the host does not have yet starts nothing.
    /// - Parameter root: The folder that holds `current`.
    init(parsing lines: [Substring], root: String) {
        for line in lines where line.hasPrefix("exec=") {
            let words = line.dropFirst(5).split(separator: " ", maxSplits: 1)
            guard words.count == 2, var start = Self.start(words[1], below: root + "/current/") else { continue }
            start.unit = String(words[0])
            if !starts.contains(where: { $0.path == start.path }) { starts.append(start) }
        }
    }

    /// The program, or the script that an interpreter is given, when it lies below `folder`.
    private static func start(_ text: Substring, below folder: String) -> Start? {
        guard let path = field("path=", of: text) else { return nil }
        if path.hasPrefix(folder) { return inside(path, folder).map { Start(path: $0, unit: "") } }
        let interpreter = path.split(separator: "/").last ?? ""
        guard isInterpreter(interpreter), let arguments = field("argv[]=", of: text) else { return nil }
        // The first word that is no option is the script, but for words that are the program themselves: `sh -c …`.
        let words = arguments.split(separator: " ").dropFirst()
        guard let script = words.first(where: { !$0.hasPrefix("-") }), !words.contains("-c"), script.hasPrefix(folder)
        else { return nil }
        return inside(script, folder).map { Start(path: $0, unit: "", isExecuted: false) }
    }

    private static func field(_ name: String, of text: Substring) -> Substring? {
        for part in text.split(separator: ";") {
            let part = part.drop { $0 == " " || $0 == "{" }
            guard part.hasPrefix(name) else { continue }
            var value = part.dropFirst(name.count)
            while value.last == " " { value.removeLast() }
            return value
        }
        return nil
    }

    /// A path that climbs out of the release is none of it.
    private static func inside(_ path: Substring, _ folder: String) -> String? {
        let rest = path.dropFirst(folder.count)
        guard !rest.isEmpty, !rest.split(separator: "/").contains("..") else { return nil }
        return String(rest)
    }

    private static func isInterpreter(_ name: Substring) -> Bool {
        let stem = name.prefix { $0.isLetter }
        return ["sh", "bash", "dash", "python", "perl", "ruby", "node", "php", "java"].contains(String(stem))
    }
}
