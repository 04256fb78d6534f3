/// Probes sorted by the command that answers them.
struct ProbeBatch {
    private(set) var sections: [any ProbeSection] = []

    /// Sorts `probes`, each of which is there once.
    init(_ probes: [Probe]) {
        var names = Names()
        for probe in probes { names.add(probe) }
        add(names.paths) { StatSection(paths: $0, followsLinks: false) }
        add(names.targets) { StatSection(paths: $0, followsLinks: true) }
        add(names.access) { AccessSection(paths: $0) }
        add(names.sha1) { DigestSection(paths: $0, algorithm: .sha1) }
        add(names.sha256) { DigestSection(paths: $0, algorithm: .sha256) }
        add(names.contents) { ContentSection(paths: $0) }
        sections += names.trees.map { TreeSection(path: $0) }
        add(names.packages) { PackageSection(packages: $0) }
        add(names.candidates) { CandidateSection(packages: $0) }
        add(names.providers) { ProviderSection(packages: $0) }
        if !names.users.isEmpty || !names.groups.isEmpty {
            sections.append(AccountSection(users: names.users, groups: names.groups))
        }
        add(names.shadows) { ShadowSection(users: $0) }
        add(names.units) { UnitSection(units: $0) }
        if names.asksSession { sections.append(SessionSection()) }
        if names.asksClock { sections.append(ClockSection()) }
        sections += names.facts.map(FactSection.init)
        sections += names.queries.map { QuerySection(line: $0) }
    }

    /// At most this many names go to one command, well under the kernel's limit for arguments.
    private static let namesPerCommand = 400

    private mutating func add(_ names: [String], _ make: ([String]) -> any ProbeSection) {
        for start in stride(from: 0, to: names.count, by: Self.namesPerCommand) {
            sections.append(make(Array(names[start..<min(start + Self.namesPerCommand, names.count)])))
        }
    }

    private struct Names {
        var paths: [String] = []
        var targets: [String] = []
        var access: [String] = []
        var sha1: [String] = []
        var sha256: [String] = []
        var contents: [String] = []
        var trees: [String] = []
        var packages: [String] = []
        var candidates: [String] = []
        var providers: [String] = []
        var users: [String] = []
        var groups: [String] = []
        var shadows: [String] = []
        var units: [String] = []
        var facts: [FactSubset] = []
        var queries: [String] = []
        var asksSession = false
        var asksClock = false

        mutating func add(_ probe: Probe) {
            switch probe {
            case .path(let path): paths.append(path)
            case .target(let path): targets.append(path)
            case .access(let path): access.append(path)
            case .sha1(let path): sha1.append(path)
            case .sha256(let path): sha256.append(path)
            case .content(let path): contents.append(path)
            case .tree(let path): trees.append(path)
            case .package(let name): packages.append(name)
            case .candidate(let name): candidates.append(name)
            case .providers(let name): providers.append(name)
            case .user(let name): users.append(name)
            case .group(let name): groups.append(name)
            case .shadow(let name): shadows.append(name)
            case .unit(let name): units.append(name)
            case .session: asksSession = true
            case .clock: asksClock = true
            case .facts(let subset): facts.append(subset)
            case .query(let line): queries.append(line)
            }
        }
    }
}
