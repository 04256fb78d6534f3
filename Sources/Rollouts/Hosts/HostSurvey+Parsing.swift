import Fleet

extension HostSurvey {
    /// Reads what the survey script printed.
    init(parsing text: String) {
        self.init()
        var unconfirmed = ""
        for line in text.lines {
            guard let (key, value) = line.cut(at: "=") else { continue }
            switch key {
            case "release": release = ReleaseID(value)
            case "digest": digest = try? BuildDigest(value)  // One that noted none, or something else, has none.
            case "unconfirmed": unconfirmed = value
            case "armed": goesBack = value == "active"
            case "previous": previous = ReleaseID(value)
            case "good": good = ReleaseID(value)
            case "before": goodBefore = ReleaseID(value)
            case "stopped": stopped = UnitStop(value)
            case "unit":
                if let (unit, state) = value.cut(at: " ") { units[unit] = state }
            default: break
            }
        }
        if let digest, let release, digest.with(release.settings).release == release {
            self.digest = digest.with(release.settings)
        }
        // A note of another release was left by a switch that did not come about.
        isUnconfirmed = release.map { $0.description == unconfirmed } ?? false
        goesBack = goesBack && isUnconfirmed
    }
}

extension String {
    /// Lines that are not empty.
    var lines: [String] { split(whereSeparator: \.isNewline).map(String.init) }

    fileprivate func cut(at separator: Character) -> (String, String)? {
        guard let index = firstIndex(of: separator) else { return nil }
        return (String(self[..<index]), String(self[self.index(after: index)...]))
    }
}
