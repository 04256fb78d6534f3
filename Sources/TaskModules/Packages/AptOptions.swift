import Fleet
import OrderedCollections
import Values

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
    static let update = "apt-get -q -o DPkg::Lock::Timeout=60 -o APT::Update::Error-Mode=any update"

    /// Installs or upgrades.
    func install(_ packages: [String]) -> String {
        shellWords(["apt-get"] + words + installWords + ["install", "--"] + packages)
    }

    /// Removes.
    func remove(_ packages: [String]) -> String {
        shellWords(["apt-get"] + words + removeWords + ["remove", "--"] + packages)
    }

    /// Downloads a package with apt's own helper and installs it.
    func installFromNetwork(_ url: String, at location: SourceLocation) throws(InputError) -> [String] {
        // apt's helper has the address among its arguments, for every user of the host to see.
        let download =
            URLSecrets.mayStand(in: url)
            ? try Download(ModuleArguments(["url": .string(url)], at: location)).lines(to: #""$w/package.deb""#)
                .joined(separator: "\n")
            : "/usr/lib/apt/apt-helper download-file \(url.quoted) \"$w/package.deb\" >&2"
        return [
            "w=$(mktemp -d)", #"trap 'rm -rf -- "$w"' EXIT"#, #"chmod 0755 "$w""#,
            download,
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
