import Fleet
import OrderedCollections
import Values

/// Debian packages.
struct AptModule: TaskModule {
    /// Parameters of `apt`.
    static let specification: ModuleSpecification = {
        var specification = ModuleSpecification("apt", parameters: parameters)
        specification.oneOf = [
            ["name", "deb", "upgrade", "update_cache", "autoremove", "autoclean", "clean", "cache_valid_time"]
        ]
        specification.exclusive = [["name", "deb", "upgrade"]]
        return specification
    }()

    static let parameters: [ModuleSpecification.Parameter] = [
        .init("name", .list, aliases: ["package", "pkg"]),
        .init("state", choices: ["present", "absent", "latest", "installed", "removed"]),
        .init("update_cache", .bool, aliases: ["update-cache"]), .init("cache_valid_time", .int),
        .init("install_recommends", .bool, aliases: ["install-recommends"]), .init("purge", .bool),
        .init("autoremove", .bool), .init("autoclean", .bool), .init("clean", .bool), .init("force", .bool),
        .init("upgrade", choices: ["dist", "full", "no", "safe", "yes"]), .init("deb"), .init("only_upgrade", .bool),
        .init("default_release", aliases: ["default-release"]), .init("dpkg_options"), .init("lock_timeout", .int),
        .init("allow_unauthenticated", .bool, aliases: ["allow-unauthenticated"]),
        .init("allow_downgrade", .bool, aliases: ["allow-downgrade", "allow_downgrades", "allow-downgrades"]),
        .init("allow_change_held_packages", .bool), .init("fail_on_autoremove", .bool),
        .init("force_apt_get", .bool), .init("auto_install_module_deps", .bool), .init("update_cache_retries", .int),
        .init("update_cache_retry_max_delay", .int),
    ]

    let packages: [DesiredPackage]
    let state: String
    let options: AptOptions
    let updates: Bool
    let validSeconds: Int
    let upgrade: String?
    let deb: String?
    let cleanups: [String]
    let isCheck: Bool
    private let location: SourceLocation

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws {
        let names = try arguments.strings("name") ?? []
        packages = try names.filter { $0 != "*" }.map { name in
            guard let wish = DesiredPackage(name) else {
                throw arguments.wrong(
                    "name", "has '\(name)', which is no package", hints: ["write name or name=version"])
            }
            return wish
        }
        let state = try arguments.string("state") ?? "present"
        self.state = ["installed": "present", "removed": "absent"][state] ?? state
        options = try AptOptions(arguments)
        validSeconds = try arguments.int("cache_valid_time") ?? 0
        updates = try arguments.bool("update_cache", default: validSeconds > 0)
        let upgrade = arguments["upgrade"].flatMap {
            $0.boolean(in: .argument) == true ? "yes" : $0.boolean(in: .argument) == false ? nil : $0.plainText
        }
        self.upgrade = upgrade ?? (names.contains("*") && state == "latest" ? "yes" : nil)
        deb = try arguments.string("deb")
        cleanups = try ["autoclean", "autoremove", "clean"].filter { try arguments.bool($0) }
        isCheck = context.isCheck
        location = arguments.location
    }

    private static let stamp = "/var/lib/apt/periodic/update-success-stamp"
    private static let lists = "/var/lib/apt/lists"

    func probes(given snapshot: Snapshot) -> [Probe] {
        var probes: [Probe] = []
        if updates, validSeconds > 0 { probes += [.path(Self.stamp), .path(Self.lists), .clock] }
        for package in packages {
            probes.append(.package(package.name))
            if state == "latest" { probes.append(.candidate(package.name)) }
            if state != "absent", snapshot[.package(package.name)] == .absent {
                probes += [.candidate(package.name), .providers(package.name)]
            }
        }
        if let upgrade, isCheck || !isUpdateDue(snapshot) { probes.append(.query(options.simulation(of: upgrade))) }
        if let deb, !deb.contains("://") {
            probes.append(.query(Self.description(of: deb)))
            if let found = described(deb, snapshot) { probes.append(.package(found.name)) }
        }
        for cleanup in cleanups where cleanup != "clean" && packages.isEmpty {
            probes.append(.query(options.simulation(of: cleanup)))
        }
        return probes
    }

    /// Whether the lists are to be fetched: always, unless they are young enough.
    func isUpdateDue(_ snapshot: Snapshot) -> Bool {
        guard updates else { return false }
        guard validSeconds > 0, case .clock(let now)? = snapshot[.clock] else { return true }
        let fetched = (snapshot.path(Self.stamp) ?? snapshot.path(Self.lists))?.modified ?? 0
        return (fetched.wholePart ?? 0).plus(validSeconds) < now
    }

    func step(_ snapshot: Snapshot) throws -> Step {
        if upgrade != nil { return upgradeStep(snapshot) }
        if let deb { return try debStep(deb, snapshot) }
        guard !packages.isEmpty else { return upkeepStep(snapshot) }
        return state == "absent" ? removal(snapshot) : installation(snapshot)
    }

    // MARK: - Packages by name

    private static let unknownPackageHints = [
        "'update_cache: true' reads the package lists anew; 'apt-cache policy NAME' on the host says what it knows"
    ]

    private func installation(_ snapshot: Snapshot) -> Step {
        let isUpdating = isUpdateDue(snapshot)
        var wanted: [String] = []
        var diff = (before: "", after: "")
        for package in packages {
            switch package.judged(snapshot, isLatest: state == "latest") {
            case .fine: continue
            case .unavailable where !isUpdating:
                let message =
                    snapshot[.candidate(package.name)] == .absent
                    ? "No package matching '\(package.name)' is available"
                    : "no available installation candidate for \(package.written)"
                return .failed(TaskResult(failure: message, hints: Self.unknownPackageHints))
            case .missing where options.onlyUpgrades: continue
            case .missing, .unavailable, .outdated:
                wanted.append(package.written)
                let installed = package.installed(snapshot)?.version
                diff.before += installed.map { "\(package.name) \($0)\n" } ?? ""
                diff.after += package.written + "\n"
            }
        }
        // With fresh lists a newer version may appear, so apt itself decides what there is to do.
        if isUpdating, state == "latest" { wanted = packages.map(\.written) }
        guard !wanted.isEmpty else { return isUpdating ? updateOnly(changed: false) : unchanged() }
        let isOpen = isUpdating && state == "latest" && diff.after.isEmpty
        var change = aptChange(
            (isUpdating ? [AptOptions.update] : []) + [options.install(wanted)], isUpdating: isUpdating,
            isOpen: isOpen)
        change.diffs = [Diff("packages", before: diff.before, after: diff.after)]
        return .change(change)
    }

    private func removal(_ snapshot: Snapshot) -> Step {
        let present = packages.filter { package in
            guard case .package(let state)? = snapshot[.package(package.name)] else { return false }
            return state.isInstalled || options.purges
        }
        let isUpdating = isUpdateDue(snapshot)
        guard !present.isEmpty else { return isUpdating ? updateOnly(changed: false) : unchanged() }
        let before = present.map { "\($0.name) \($0.installed(snapshot)?.version ?? "(configuration)")\n" }.joined()
        var change = aptChange(
            (isUpdating ? [AptOptions.update] : []) + [options.remove(present.map(\.name))],
            isUpdating: isUpdating, isOpen: false)
        change.diffs = [Diff("packages", before: before, after: "")]
        return .change(change)
    }

    // MARK: - Without names

    private func upgradeStep(_ snapshot: Snapshot) -> Step {
        guard let upgrade else { return unchanged() }
        let isUpdating = isUpdateDue(snapshot)
        let simulated = snapshot.output(options.simulation(of: upgrade))
        if let simulated, AptOptions.changesNothing(simulated.text), !isUpdating { return unchanged() }
        var change = aptChange(
            (isUpdating ? [AptOptions.update] : []) + [options.run(upgrade)], isUpdating: isUpdating,
            isOpen: simulated == nil)
        change.predicted.changed = simulated.map { !AptOptions.changesNothing($0.text) } ?? true
        change.diffs = [Diff("packages", before: "", after: AptOptions.simulatedPackages(simulated?.text ?? ""))]
        return .change(change)
    }

    /// Fetching lists and clearing up, when no package is named.
    private func upkeepStep(_ snapshot: Snapshot) -> Step {
        let due = cleanups.filter { cleanup in
            cleanup == "clean"
                || !AptOptions.changesNothing(snapshot.output(options.simulation(of: cleanup))?.text ?? "")
        }
        guard !due.isEmpty else { return isUpdateDue(snapshot) ? updateOnly(changed: true) : unchanged() }
        let isUpdating = isUpdateDue(snapshot)
        let lines = due.map { $0 == "clean" ? "apt-get clean" : options.run($0) }
        return .change(
            aptChange(
                (isUpdating ? [AptOptions.update] : []) + lines, isUpdating: isUpdating, isOpen: false))
    }

    private func unchanged() -> Step { .converged(TaskResult(fields: ["cache_updated": .bool(false)])) }

    /// Only the lists are fetched. It counts as a change when nothing else was asked for and they were not the same.
    private func updateOnly(changed: Bool) -> Step {
        let time = "stat -c %Y \(Self.stamp) 2>/dev/null || stat -c %Y \(Self.lists)"
        var change = aptChange(
            [
                "before=$(\(time))", AptOptions.update,
                "[ \"$before\" = \"$(\(time))\" ] || echo cache_changed=yes",
            ],
            isUpdating: true, isOpen: false)
        let predicted = TaskResult(changed: changed, fields: ["cache_updated": .bool(true)])
        change.predicted = predicted
        change.interpret = { answer in
            guard answer.succeeded else { return .failure(of: answer) }
            var result = predicted
            let isNew = answer.outputFields["cache_changed"] != nil
            result.changed = changed && isNew
            result.fields["cache_updated"] = .bool(isNew)
            return result
        }
        return .change(change)
    }

    // MARK: - Package files

    private static func description(of deb: String) -> String {
        "dpkg-deb -f \(deb.quoted) Package Version && dpkg-deb -f \(deb.quoted) Package"
    }

    private func described(_ deb: String, _ snapshot: Snapshot) -> (name: String, version: String)? {
        guard let text = snapshot.output(Self.description(of: deb))?.text else { return nil }
        let fields = text.split(separator: "\n").map {
            $0.split(separator: ":", maxSplits: 1).map { String($0).stripped }
        }
        guard let name = fields.first(where: { $0.first == "Package" })?.last,
            let version = fields.first(where: { $0.first == "Version" })?.last
        else { return nil }
        return (name, version)
    }

    private func debStep(_ deb: String, _ snapshot: Snapshot) throws -> Step {
        if deb.contains("://") {
            return .change(
                aptChange(try options.installFromNetwork(deb, at: location), isUpdating: false, isOpen: true))
        }
        guard let found = described(deb, snapshot) else {
            return .failed(TaskResult(failed: true, message: "'\(deb)' is not a package that dpkg can read"))
        }
        if case .package(let state)? = snapshot[.package(found.name)], state.isInstalled, state.version == found.version
        {
            return unchanged()
        }
        var change = aptChange(
            [options.install([deb.hasPrefix("/") ? deb : "./" + deb])], isUpdating: false, isOpen: false)
        change.diffs = [Diff("packages", before: "", after: "\(found.name) \(found.version)\n")]
        return .change(change)
    }

    // MARK: - The change

    /// - Parameter isOpen: Whether apt's own words tell if something changed.
    private func aptChange(_ lines: [String], isUpdating: Bool, isOpen: Bool) -> Change {
        let predicted = TaskResult(changed: true, fields: ["cache_updated": .bool(isUpdating)])
        var change = Change(
            script: strictScript(AptOptions.environment + lines), predicted: predicted, touches: .everything)
        change.interpret = { answer in
            guard answer.succeeded else { return .failure(of: answer) }
            var result = predicted
            result.fields["stdout"] = .string(answer.text)
            result.fields["stderr"] = .string(answer.errorText)
            if isOpen { result.changed = !AptOptions.changesNothing(answer.text) }
            return result
        }
        return change
    }
}

/// Packages by whatever manager the host has; Drover knows apt.
struct PackageModule: TaskModule {
    /// Parameters of `package`, and those of `apt`, which it hands on.
    static let specification = ModuleSpecification(
        "package",
        parameters: AptModule.parameters.filter { !["name", "state"].contains($0.name) } + [
            .init("name", .list, aliases: ["package", "pkg"], required: true),
            .init("state", choices: ["present", "absent", "latest", "installed", "removed"]),
            .init("use", choices: ["auto", "apt", "ansible.builtin.apt"]),
        ])

    private let apt: AptModule

    init(_ arguments: ModuleArguments, _ context: ModuleContext) throws { apt = try AptModule(arguments, context) }

    func probes(given snapshot: Snapshot) -> [Probe] { apt.probes(given: snapshot) }

    func step(_ snapshot: Snapshot) throws -> Step { try apt.step(snapshot) }
}
