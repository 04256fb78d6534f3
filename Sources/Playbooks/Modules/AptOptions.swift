import Fleet

/// How `apt-get` is called.
struct AptOptions: Sendable {
    /// Whether configuration files go with a removed package.
    let purges: Bool
    /// Whether packages that are not installed are left alone.
    let onlyUpgrades: Bool
    private let words: [String]
    private let installWords: [String]
    private let removeWords: [String]

    /// Reads the parameters.
    init(_ arguments: ModuleArguments) throws(InputError) {
        purges = try arguments.bool("purge")
        onlyUpgrades = try arguments.bool("only_upgrade")
        let dpkg = try arguments.string("dpkg_options") ?? "force-confdef,force-confold"
        var words =
            ["-y", "-q"] + dpkg.split(separator: ",").flatMap { ["-o", "Dpkg::Options::=--\($0.trimmingDashes)"] }
        words += ["-o", "DPkg::Lock::Timeout=\(try arguments.int("lock_timeout") ?? 60)"]
        let autoremove = try arguments.bool("autoremove") ? ["--auto-remove"] : []
        var install = autoremove
        if onlyUpgrades { install.append("--only-upgrade") }
        if let release = try arguments.string("default_release") { install += ["-t", release] }
        if let recommends = try arguments.optionalBool("install_recommends") {
            install += ["-o", "APT::Install-Recommends=\(recommends ? "yes" : "no")"]
        }
        for (parameter, option) in [
            ("allow_unauthenticated", "--allow-unauthenticated"), ("allow_downgrade", "--allow-downgrades"),
            ("allow_change_held_packages", "--allow-change-held-packages"), ("fail_on_autoremove", "--no-remove"),
        ] where try arguments.bool(parameter) {
            install.append(option)
        }
        if try arguments.bool("force") {
            install += [
                "--allow-unauthenticated", "--allow-downgrades", "--allow-remove-essential",
                "--allow-change-held-packages",
            ]
        }
        self.words = words
        installWords = install
        let held = try arguments.bool("allow_change_held_packages") ? ["--allow-change-held-packages"] : []
        removeWords = autoremove + held + (purges ? ["--purge"] : [])
    }

    /// Nobody is there to be asked; messages in English, whatever the host speaks.
    static let environment = [
        "export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C.UTF-8 LANGUAGE=C.UTF-8",
        "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin",
    ]

    /// Fetches the lists. apt itself only warns when a source cannot be reached; that is a failure here.
    static func update(_ options: AptOptions) -> String {
        "apt-get -q -o DPkg::Lock::Timeout=60 -o APT::Update::Error-Mode=any update"
    }

    /// Installs or upgrades.
    func install(_ packages: [String]) -> String {
        shellWords(["apt-get"] + words + installWords + ["install", "--"] + packages)
    }

    /// Removes.
    func remove(_ packages: [String]) -> String {
        shellWords(["apt-get"] + words + removeWords + ["remove", "--"] + packages)
    }

    /// Downloads a package with apt's own helper and installs it.
    func installFromNetwork(_ url: String) -> [String] {
        [
            "w=$(mktemp -d)", #"trap 'rm -rf -- "$w"' EXIT"#, #"chmod 0755 "$w""#,
            "/usr/lib/apt/apt-helper download-file \(url.quoted) \"$w/package.deb\" >&2",
            shellWords(["apt-get"] + words + installWords + ["install"]) + #" "$w/package.deb""#,
        ]
    }

    /// Runs `upgrade`'s modes, `autoremove` or `autoclean`.
    func run(_ operation: String) -> String { shellWords(["apt-get"] + words + Self.command(operation, removeWords)) }

    /// What ``run(_:)`` would do, as a question.
    func simulation(of operation: String) -> String {
        "LC_ALL=C " + shellWords(["apt-get", "-s", "-q"] + Self.command(operation, removeWords))
    }

    private static func command(_ operation: String, _ removeWords: [String]) -> [String] {
        switch operation {
        case "yes", "safe": ["--with-new-pkgs", "upgrade"]
        case "dist", "full": ["dist-upgrade"]
        default: removeWords.filter { $0 == "--purge" } + [operation]
        }
    }

    /// Whether apt says that there is nothing to do.
    static func changesNothing(_ text: String) -> Bool {
        text.contains("0 upgraded, 0 newly installed, 0 to remove")
            || (!text.contains(" to remove and ") && !text.contains("\nDel ") && !text.hasPrefix("Del "))
    }

    /// Lines of a simulation that name packages.
    static func simulatedPackages(_ text: String) -> String {
        text.split(separator: "\n").filter { $0.hasPrefix("Inst ") || $0.hasPrefix("Remv ") }
            .map { "\($0)\n" }.joined()
    }
}

extension Substring {
    /// Without dashes at the beginning.
    fileprivate var trimmingDashes: Substring { drop { $0 == "-" } }
}

/// One package as a task names it: `name`, `name=version`, `name=1.2*`, `name>=version`.
struct PackageWish: Sendable, Equatable {
    /// As apt takes it.
    let written: String
    /// The package's name, with an architecture where one is written.
    let name: String
    private let version: String?
    private let isAtLeast: Bool

    /// How a package stands.
    enum Judgement { case fine, missing, outdated, unavailable }

    /// Reads a name; `nil` when it cannot be one.
    init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let first = parts.first else { return nil }
        isAtLeast = first.hasSuffix(">")
        name = isAtLeast ? String(first.dropLast()) : first
        version = parts.count == 2 ? parts[1] : nil
        written = isAtLeast ? name : text
        guard name.count > 1, version != "", !name.hasPrefix("-"),
            name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.:~_".contains($0)) })
        else { return nil }
    }

    /// Its state when it is installed.
    func installed(_ snapshot: Snapshot) -> PackageState? {
        guard case .package(let state)? = snapshot[.package(name)], state.isInstalled else { return nil }
        return state
    }

    /// How it stands on a host.
    func judged(_ snapshot: Snapshot, isLatest: Bool) -> Judgement {
        let candidate: String?
        if case .candidate(let version)? = snapshot[.candidate(name)] { candidate = version } else { candidate = nil }
        guard let installed = installed(snapshot) else {
            if case .names(let providers)? = snapshot[.providers(name)], !providers.isEmpty, candidate ?? "" == "" {
                return .fine
            }
            if snapshot[.candidate(name)] == .absent { return .unavailable }
            return .missing
        }
        if let version {
            if isAtLeast { return DebianVersion.isLess(installed.version, version) ? .outdated : .fine }
            return Self.matches(installed.version, version) ? .fine : .outdated
        }
        guard isLatest, let candidate, !candidate.isEmpty else { return .fine }
        return DebianVersion.isLess(installed.version, candidate) ? .outdated : .fine
    }

    /// Shell patterns: `*` for anything, `?` for one character.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        func match(_ text: Substring, _ pattern: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return match(text, pattern.dropFirst()) || (!text.isEmpty && match(text.dropFirst(), pattern))
            }
            guard let next = text.first, first == "?" || first == next else { return false }
            return match(text.dropFirst(), pattern.dropFirst())
        }
        return match(text[...], pattern[...])
    }
}

/// Order of Debian's version numbers, as deb-version(7) has it.
enum DebianVersion {
    /// Whether `left` is older than `right`.
    static func isLess(_ left: String, _ right: String) -> Bool {
        let (one, two) = (parts(left), parts(right))
        if one.epoch != two.epoch { return one.epoch < two.epoch }
        let upstream = order(one.upstream, two.upstream)
        return upstream != 0 ? upstream < 0 : order(one.revision, two.revision) < 0
    }

    private static func parts(_ text: String) -> (epoch: Int, upstream: [UInt8], revision: [UInt8]) {
        var rest = text[...]
        var epoch = 0
        if let colon = rest.firstIndex(of: ":") {
            epoch = Int(rest[..<colon]) ?? 0
            rest = rest[rest.index(after: colon)...]
        }
        guard let dash = rest.lastIndex(of: "-") else { return (epoch, Array(rest.utf8), []) }
        return (epoch, Array(rest[..<dash].utf8), Array(rest[rest.index(after: dash)...].utf8))
    }

    /// Parts that are no digits and parts that are take turns; `~` comes before the end, letters before the rest.
    private static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var (one, two) = (left[...], right[...])
        while !one.isEmpty || !two.isEmpty {
            while !isDigit(one.first) || !isDigit(two.first) {
                let (a, b) = (weight(one.first), weight(two.first))
                if a != b { return a - b }
                if isEnd(one.first), isEnd(two.first) { break }
                if !isEnd(one.first) { one.removeFirst() }
                if !isEnd(two.first) { two.removeFirst() }
            }
            let (a, b) = (takeNumber(&one), takeNumber(&two))
            if a.count != b.count { return a.count - b.count }
            if let difference = zip(a, b).first(where: { $0 != $1 }) { return Int(difference.0) - Int(difference.1) }
        }
        return 0
    }

    private static func isDigit(_ byte: UInt8?) -> Bool { byte.map { (48...57).contains($0) } ?? false }

    private static func isEnd(_ byte: UInt8?) -> Bool { byte == nil || isDigit(byte) }

    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        return (65...90).contains(byte) || (97...122).contains(byte) ? Int(byte) : Int(byte) + 256
    }

    private static func takeNumber(_ bytes: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = bytes.prefix { isDigit($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits.drop { $0 == 48 }
    }
}
