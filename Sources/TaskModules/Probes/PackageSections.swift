/// dpkg's state of many packages.
struct PackageSection: TextSection {
    let packages: [String]
    let name = "dpkg-query"

    var textLines: [String] {
        let format = #"${Package}\t${Architecture}\t${db:Status-Abbrev}\t${Version}\n"#
        return ["LC_ALL=C dpkg-query -W -f '\(format)' -- \(shellWords(packages))"]
    }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        for package in packages { answers[.package(package)] = .absent }
        let wanted = Set(packages)
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, fields[2].count >= 2, !fields[3].isEmpty else { continue }
            let state = PackageState(
                version: fields[3], isInstalled: fields[2].dropFirst().first == "i", isHeld: fields[2].first == "h")
            for name in [fields[0], "\(fields[0]):\(fields[1])"] where wanted.contains(name) {
                keep(state, for: name, in: &answers)
            }
        }
    }

    /// A package that is installed for two architectures answers twice; installed wins.
    private func keep(_ state: PackageState, for name: String, in answers: inout ProbeAnswers) {
        if case .package(let known)? = answers[.package(name)], known.isInstalled { return }
        answers[.package(name)] = .package(state)
    }
}

/// The versions that apt would install.
struct CandidateSection: TextSection {
    let packages: [String]
    let name = "apt-cache policy"

    var textLines: [String] { ["LC_ALL=C apt-cache policy -- \(shellWords(packages))"] }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        for package in packages { answers[.candidate(package)] = .absent }
        var current: String?
        for line in text.split(separator: "\n") {
            if !line.hasPrefix(" "), line.hasSuffix(":") {
                current = String(line.dropLast())
            } else if let package = current, line.hasPrefix("  Candidate: ") {
                let version = line.dropFirst("  Candidate: ".count)
                answers[.candidate(package)] = .candidate(version == "(none)" ? "" : String(version))
            }
        }
    }
}

/// Which installed packages provide virtual ones.
struct ProviderSection: TextSection {
    let packages: [String]
    let name = "providers"

    var textLines: [String] {
        [#"LC_ALL=C dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Provides}\n'"#]
    }

    func read(_ text: String, into answers: inout ProbeAnswers) {
        var providers = Dictionary(uniqueKeysWithValues: packages.map { ($0, [String]()) })
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count == 3, fields[0].dropFirst().first == "i" else { continue }
            for provided in fields[2].split(separator: ",") {
                let name = String(provided.prefix { $0 != "(" }.filter { $0 != " " })
                providers[name]?.append(String(fields[1]))
            }
        }
        for (package, names) in providers { answers[.providers(package)] = .names(names) }
    }
}
